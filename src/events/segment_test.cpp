// Spool segments: whole records only, refusal of damage, and a disk without room.
#include "events/segment.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace bulwark::events {
namespace {

class SegmentTest : public testing::Test {
 protected:
  SegmentTest() {
    std::string name = (std::filesystem::temp_directory_path() / "segment.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    path_ = folder_ / "0001.spool";
  }
  ~SegmentTest() override { std::filesystem::remove_all(folder_); }
  static void put(Segment& segment, std::string_view text, std::uint64_t sequence) {
    std::uint8_t* out = segment.reserve(text.size());
    ASSERT_NE(out, nullptr);
    std::memcpy(out, text.data(), text.size());
    segment.commit(text.size(), sequence);
  }
  static std::vector<std::string> read_all(const Segment& segment, Segment::End& end) {
    std::vector<std::string> texts;
    std::size_t offset = Segment::kHeaderBytes;
    while (const auto record = segment.read(offset, true, end)) {
      texts.emplace_back(record->payload.begin(), record->payload.end());
      EXPECT_EQ(record->sequence, texts.size() - 1);
      offset = record->next;
    }
    return texts;
  }
  void overwrite(std::size_t at, std::string_view bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(SegmentTest, IsReadBackByTheNextProcess) {
  {
    const auto segment = Segment::create(path_, Segment::kMinBytes, 0).value();
    put(*segment, "one", 0);
    put(*segment, "two and a little more", 1);
  }
  Segment::End end{};
  const auto segment = Segment::open(path_).value();
  EXPECT_EQ(read_all(*segment, end), (std::vector<std::string>{"one", "two and a little more"}));
  EXPECT_EQ(end, Segment::End::more_to_come);
}

TEST_F(SegmentTest, FillsUpAndEndsWithItsMark) {
  const auto segment = Segment::create(path_, Segment::kMinBytes, 0).value();
  const std::string text(1000, 'x');
  std::uint64_t count = 0;
  while (segment->reserve(text.size()) != nullptr) put(*segment, text, count++);
  segment->finish();
  EXPECT_GT(count, 250U);
  Segment::End end{};
  EXPECT_EQ(read_all(*segment, end).size(), count);
  EXPECT_EQ(end, Segment::End::marked);
}

TEST_F(SegmentTest, ServesAgainUnderAnotherNameWithNothingOfItsFirstLife) {
  const std::filesystem::path spare = folder_ / "spare";
  const std::filesystem::path second = folder_ / "0002.spool";
  const auto segment = Segment::create(path_, Segment::kMinBytes, 0).value();
  put(*segment, "of the first life", 0);
  put(*segment, "and one more", 1);
  segment->finish();
  ASSERT_TRUE(segment->set_aside(spare).ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(Segment::open(spare).error().code, Code::not_found);  // killed here, there is nothing to read
  ASSERT_TRUE(segment->begin_again(second, 0).ok());
  put(*segment, "new", 0);
  Segment::End end{};
  EXPECT_EQ(read_all(*Segment::open(second).value(), end), std::vector<std::string>{"new"});
  EXPECT_EQ(end, Segment::End::more_to_come);
}

TEST_F(SegmentTest, DoesNotTakeWhatAPowerLossLeftOfAnEarlierLife) {
  { put(*Segment::create(path_, Segment::kMinBytes, 0).value(), "old", 0); }
  const std::filesystem::path second = folder_ / "0002.spool";  // header as new, records still the old ones
  std::filesystem::rename(path_, second);
  Segment::End end{};
  EXPECT_TRUE(read_all(*Segment::open(second).value(), end).empty());
  EXPECT_EQ(end, Segment::End::torn);
}

TEST_F(SegmentTest, StopsAtATornRecord) {
  {
    const auto segment = Segment::create(path_, Segment::kMinBytes, 0).value();
    for (std::uint64_t i = 0; i < 3; ++i) put(*segment, "payload-" + std::to_string(i), i);
  }
  constexpr std::size_t kRecord = 16 + 16;  // header, 9 bytes padded to 16
  overwrite(Segment::kHeaderBytes + kRecord + 16, "P");
  Segment::End end{};
  const auto segment = Segment::open(path_).value();
  EXPECT_EQ(read_all(*segment, end).size(), 1U);
  EXPECT_EQ(end, Segment::End::torn);
}

TEST_F(SegmentTest, RefusesAbsurdLengthsAndOffsets) {
  { put(*Segment::create(path_, Segment::kMinBytes, 0).value(), "x", 0); }
  Segment::End end{};
  for (const std::uint32_t length : {0xfffffffeU, 0x7fffffffU, 100'000'000U, static_cast<std::uint32_t>(Segment::kMinBytes)}) {
    overwrite(Segment::kHeaderBytes, {reinterpret_cast<const char*>(&length), 4});
    EXPECT_FALSE(Segment::open(path_).value()->read(Segment::kHeaderBytes, true, end));
    EXPECT_EQ(end, Segment::End::torn) << length;
  }
  for (const std::size_t offset : {0UL, 65UL, Segment::kMinBytes, Segment::kMinBytes - 8, ~0UL}) {
    EXPECT_FALSE(Segment::open(path_).value()->read(offset, true, end));
    EXPECT_EQ(end, Segment::End::torn) << offset;
  }
}

TEST_F(SegmentTest, RefusesAForeignOrDamagedHeader) {
  { (void)Segment::create(path_, Segment::kMinBytes, 0).value(); }
  overwrite(20, "x");
  EXPECT_EQ(Segment::open(path_).error().code, Code::corrupt);
  ASSERT_EQ(truncate(path_.c_str(), 100), 0);
  EXPECT_EQ(Segment::open(path_).error().code, Code::corrupt);
}

TEST_F(SegmentTest, AFullDiskShowsWhenTheSegmentIsMade) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = 64 * 1024;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto made = Segment::create(path_, Segment::kMinBytes, 0);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, Code::exhausted) << made.error().message;
  EXPECT_NE(made.error().message.find(path_.string()), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace bulwark::events
