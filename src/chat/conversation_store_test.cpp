// What is kept can be read until its person is erased, also while another process writes, and not a moment longer than retention allows.
#include "chat/conversation_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "wire/json/reader.h"

namespace bulwark::chat {
namespace {

struct Folder {
  Folder() {
    char made[] = "/tmp/bulwark_conversationsXXXXXX";
    path = ::mkdtemp(made);
    file.path = path + "/conversations.db";
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
  storage::OpenOptions file;
};

Record turn(std::string person, std::string said, WallTime time = 1) {
  return {.time = time, .person = std::move(person), .tenant = "acme", .route = "/v1", .model = "m", .request = std::move(said)};
}

std::vector<std::string> said_by(const Folder& folder, std::string_view person) {
  std::vector<std::string> said;
  const auto done = ConversationStore::export_person(
      folder.file, person, [&](std::string_view line) { said.emplace_back(json::Document::parse(line)->root().text("request")); });
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message);
  return said;
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Moved on while another thread reads it.
class SharedClock final : public Clock {
 public:
  MonoTime mono() const override { return MonoTime(std::chrono::hours(1)) + std::chrono::nanoseconds(passed_.load()); }
  WallTime wall() const override { return 10'000'000'000'000 + passed_.load(); }
  void advance(Duration by) { passed_ += by.count(); }

 private:
  std::atomic<std::int64_t> passed_{0};
};

using Texts = std::vector<std::string>;

TEST(Conversations, AreExportedPerPerson) {
  Folder folder;
  ManualClock clock(1'000);
  auto store = ConversationStore::open(folder.file, {}, {}, clock).value();
  EXPECT_TRUE(store->add(turn("jane", "one", 500)));
  EXPECT_TRUE(store->add(turn("joe", "two", 600)));
  EXPECT_TRUE(store->add(turn("jane", "three", 700)));
  ASSERT_TRUE(store->flush().ok());
  EXPECT_EQ(said_by(folder, "jane"), (Texts{"one", "three"}));
  EXPECT_EQ(said_by(folder, "joe"), Texts{"two"});
  EXPECT_EQ(said_by(folder, "eve"), Texts{});
  const auto listed = [&](std::string_view person, std::size_t most) {
    Texts texts;
    const auto document = json::Document::parse(store->latest(person, most).value());
    for (const json::Value each : document->root()) texts.emplace_back(each.find("turn")->text("request"));
    return texts;
  };
  EXPECT_EQ(listed("", 2), (Texts{"three", "two"}));
  EXPECT_EQ(listed("jane", 9), (Texts{"three", "one"}));
}

TEST(Conversations, AreErasedWithTheKeyAndStayCountable) {
  Folder folder;
  ManualClock clock(1'000);
  auto store = ConversationStore::open(folder.file, {}, {}, clock).value();
  for (const char* person : {"jane", "joe", "jane"}) store->add(turn(person, "hello", 900));
  ASSERT_TRUE(store->flush().ok());
  EXPECT_EQ(ConversationStore::erase_person(folder.file, "jane").value(), 2);
  EXPECT_EQ(said_by(folder, "jane"), Texts{});
  EXPECT_EQ(said_by(folder, "joe"), Texts{"hello"});
  EXPECT_EQ(store->counts()->records, 3);
  EXPECT_EQ(store->counts()->persons, 1);
  EXPECT_FALSE(ConversationStore::erase_person(folder.file, "jane").ok());
  store->add(turn("jane", "again", 950));  // a new person under a new key
  ASSERT_TRUE(store->flush().ok());
  EXPECT_EQ(said_by(folder, "jane"), Texts{"again"});
}

TEST(Conversations, OutliveTheirProcessAndStandNowhereInClear) {
  Folder folder;
  {
    ManualClock clock(1'000);
    auto store = ConversationStore::open(folder.file, {}, {}, clock).value();
    store->add(turn("jane", "a secret that must not be seen", 900));
  }
  EXPECT_EQ(said_by(folder, "jane"), Texts{"a secret that must not be seen"});
  for (const auto& each : std::filesystem::directory_iterator(folder.path))
    EXPECT_EQ(bytes_of(each.path().string()).find("must not be seen"), std::string::npos) << each.path();
}

TEST(Conversations, AreForgottenByAgeAndByNumber) {
  Folder folder;
  ManualClock clock(10'000'000'000'000);
  ConversationSettings settings{.keep = true, .retention = std::chrono::hours(1), .max_records = 100};
  {
    auto store = ConversationStore::open(folder.file, settings, {}, clock).value();
    store->add(turn("old", "x", clock.wall() - 3'700'000'000'000));
    for (int i = 0; i < 120; ++i) store->add(turn("jane", std::to_string(i), clock.wall() + i));
  }
  auto store = ConversationStore::open(folder.file, settings, {}, clock).value();
  EXPECT_EQ(store->counts()->records, 100);
  EXPECT_EQ(store->counts()->persons, 1);
  EXPECT_EQ(said_by(folder, "jane").front(), "20");
}

TEST(Conversations, AreForgottenWhileTheProcessRuns) {
  Folder folder;
  SharedClock clock;
  const ConversationSettings settings{.keep = true, .retention = std::chrono::hours(1), .max_records = 100};
  auto store = ConversationStore::open(folder.file, settings, {}, clock).value();
  store->add(turn("jane", "x", clock.wall()));
  ASSERT_TRUE(store->flush().ok());
  EXPECT_EQ(store->counts()->records, 1);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (store->counts()->records > 0 && std::chrono::steady_clock::now() < deadline) clock.advance(std::chrono::minutes(61));
  EXPECT_EQ(store->counts()->records, 0);
  EXPECT_EQ(store->counts()->persons, 0);
}

TEST(Conversations, WaitWhenTheyCannotBeWrittenAndSaySo) {
  Folder folder;
  folder.file.busy_timeout = std::chrono::milliseconds(10);
  std::mutex mutex;
  std::vector<std::string> told;
  const auto tell = [&](const Notice& notice) {
    const std::lock_guard lock(mutex);
    told.push_back(notice.rule);
  };
  const auto told_of = [&](std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      const std::lock_guard lock(mutex);
      if (told.size() >= count || std::chrono::steady_clock::now() > deadline) return told;
    }
  };
  auto store = ConversationStore::open(folder.file, {}, tell).value();
  {
    auto other = storage::Database::open(folder.file).value();
    const auto in_the_way = storage::Transaction::begin(other).value();
    store->add(turn("jane", "one", system_clock().wall()));
    EXPECT_FALSE(store->flush().ok());
    EXPECT_EQ(told_of(1), Texts{"chat.conversations.not_written"});
    store->add(turn("jane", "two", system_clock().wall() + 1));
    EXPECT_FALSE(store->flush().ok());
  }
  EXPECT_EQ(told_of(2), (Texts{"chat.conversations.not_written", "chat.conversations.written"}));
  EXPECT_EQ(said_by(folder, "jane"), (Texts{"one", "two"}));
}

TEST(Conversations, AreBounded) {
  Folder folder;
  auto store = ConversationStore::open(folder.file, {}).value();
  const WallTime now = system_clock().wall();
  store->add(turn("jane", std::string(ConversationStore::kMaxText + 100, 'x'), now));
  ASSERT_TRUE(store->flush().ok());
  EXPECT_EQ(said_by(folder, "jane")[0].size(), ConversationStore::kMaxText);
}

}  // namespace
}  // namespace bulwark::chat
