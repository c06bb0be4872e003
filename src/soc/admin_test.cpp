// The admin socket from outside: questions, answers, refusals, and clients that do not behave.
#include "soc/admin_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "events/embedded_store.h"
#include "soc/actions/block.h"
#include "wire/json/reader.h"

namespace bulwark::soc {
namespace {

class AdminTest : public testing::Test {
 protected:
  AdminTest() {
    std::string name = (std::filesystem::temp_directory_path() / "admin.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    store_ = events::open_embedded_store({.path = folder_ / "events.db"}).value();
    bus_ = events::Bus::create({.directory = folder_ / "spool", .segment_bytes = 256 * 1024}, store_.get()).value();
    table_ = control::Table::create(nullptr).value();
    storage::OpenOptions ledger;
    ledger.path = folder_ / "soc.db";
    Parts parts{.ledger = ledger, .table = table_.get(), .publisher = bus_->add_publisher("soc").value()};
    parts.settings.playbooks.clear();
    parts.actions.push_back(make_block(*table_));
    center_ = Center::create(std::move(parts)).value();
    EXPECT_TRUE(bus_->start().ok());
    admin_ = std::make_unique<Admin>(AdminParts{center_.get(), store_.get(), bus_.get(), [] { return std::string("{\"up\":true}"); },
                                                []() -> Result<std::string> { return config_error("bulwark.yaml:3: unknown key"); }});
    socket_ = AdminSocket::open(path(), *admin_).value();
  }
  ~AdminTest() override {
    socket_.reset();
    bus_->stop();
    center_.reset();
    bus_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return folder_ / "admin.sock"; }
  std::string ask(std::string_view question) { return ask_admin(path(), question).value(); }
  static std::string text_in(const std::string& answer, std::string_view object, std::string_view key) {
    const auto document = json::Document::parse(answer).value();
    const auto inner = document.root().find(object);
    return inner ? std::string(inner->text(key)) : std::string();
  }

  std::filesystem::path folder_;
  std::unique_ptr<events::Store> store_;
  std::unique_ptr<events::Bus> bus_;
  std::unique_ptr<control::Table> table_;
  std::unique_ptr<Center> center_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<AdminSocket> socket_;
};

TEST_F(AdminTest, BlocksListsAndUndoes) {
  const std::string made = ask(R"({"command":"block","subject":"ip","value":"203.0.113.9","ttl_seconds":60,"reason":"a hunch"})");
  const std::string id = text_in(made, "entry", "id");
  ASSERT_EQ(id.size(), 32U) << made;
  EXPECT_EQ(text_in(made, "entry", "created_by"), "user:uid " + std::to_string(geteuid()));
  EXPECT_EQ(table_->snapshot()->size(), 1U);
  EXPECT_NE(ask(R"({"command":"entries"})").find("a hunch"), std::string::npos);
  EXPECT_EQ(ask(R"({"command":"undo","id":")" + id + "\"}"), R"({"ok":true,"undone":")" + id + "\"}");
  EXPECT_TRUE(table_->snapshot()->empty());
  EXPECT_NE(ask(R"({"command":"undo","id":")" + id + "\"}").find("not_found"), std::string::npos);
  EXPECT_NE(ask(R"({"command":"events","rule":"control.undone"})").find("undid: blocked ip 203.0.113.9"), std::string::npos);
}

TEST_F(AdminTest, ExplainsWhatWasPublishedAMomentAgo) {
  events::Event event;
  event.time = 1;
  event.trace = TraceId::random();
  event.disposition = events::Disposition::blocked;
  event.rule = "942100";
  event.detail = "{\"variable\":\"ARGS:q\"}";
  ASSERT_TRUE(bus_->add_publisher("test").value()->publish(event));
  const std::string answer = ask(R"({"command":"explain","id":")" + event.trace.hex() + "\"}");
  EXPECT_NE(answer.find(R"("rule":"942100")"), std::string::npos) << answer;
  EXPECT_NE(answer.find(R"("detail":{"variable":"ARGS:q"})"), std::string::npos);
  const std::string unknown(32, 'f');
  EXPECT_NE(ask(R"({"command":"explain","id":")" + unknown + "\"}").find("not_found"), std::string::npos);
  EXPECT_EQ(ask(R"({"command":"known","ids":[")" + event.trace.hex() + R"(",")" + unknown + "\"]}"),
            R"({"ok":true,"known":[")" + event.trace.hex() + "\"]}");
}

TEST_F(AdminTest, SaysWhatIsWrongWithAQuestion) {
  for (const char* question :
       {"", "{", "[]", "{}", R"({"command":"dance"})", R"({"command":"explain"})", R"({"command":"block","subject":"ip","value":"x"})",
        R"({"command":"block","subject":"cat","value":"1.2.3.4"})",
        R"({"command":"block","subject":"ip","value":"1.2.3.4","ttl_seconds":-1})", R"({"command":"events","plane":"moon"})",
        R"({"command":"known","ids":7})", R"({"command":"undo"})"}) {
    const auto answer = ask(question);
    EXPECT_EQ(answer.find(R"({"ok":false,"error":{"code":)"), 0U) << question << " " << answer;
  }
  EXPECT_NE(ask(R"({"command":"reload"})").find("bulwark.yaml:3"), std::string::npos);
  EXPECT_EQ(ask(R"({"command":"status"})"), R"({"ok":true,"status":{"up":true}})");
}

TEST_F(AdminTest, IsPrivateAndOutlastsRudeClients) {
  struct stat about {};
  ASSERT_EQ(stat(path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  EXPECT_FALSE(ask_admin(path(), std::string(Admin::kMaxQuestion + 10'000, 'x')).ok());
  for (int i = 0; i < 3; ++i) {  // connects and leaves in the middle of a question
    const int client = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(send(client, "{\"comm", 6, 0), 6);
    close(client);
  }
  EXPECT_EQ(ask(R"({"command":"entries"})"), R"({"ok":true,"entries":[]})");
}

TEST_F(AdminTest, TakesThePlaceOfAKilledProcessesSocket) {
  socket_.reset();
  EXPECT_EQ(ask_admin(path(), "{}").error().code, Code::unavailable);
  socket_ = AdminSocket::open(path(), *admin_).value();
  const auto second = AdminSocket::open(path(), *admin_);
  EXPECT_TRUE(second.ok());
}

}  // namespace
}  // namespace bulwark::soc
