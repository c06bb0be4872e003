// What was appended stands in the file, byte for byte, whatever the sizes; behind it nothing but zeros, and after finish() nothing at all.
#include "audit/segment_writer.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <random>

namespace bulwark::audit {
namespace {

constexpr std::size_t kReadLimit = 64 * 1024 * 1024;

/// On a disk, where writes are direct, and in memory, where they may not be.
class Segment : public testing::TestWithParam<const char*> {
 protected:
  Segment() {
    std::string name = std::string(GetParam()) + "/segment.XXXXXX";
    folder_ = mkdtemp(name.data());
    path_ = folder_ + "/records";
  }
  ~Segment() override { std::filesystem::remove_all(folder_); }

  void expect_holds(const std::string& expected) const {
    const std::string found = read_file(path_, kReadLimit).value();
    ASSERT_GE(found.size(), expected.size());
    ASSERT_TRUE(found.starts_with(expected));
    EXPECT_EQ(found.find_first_not_of('\0', expected.size()), std::string::npos) << "something stands behind the end";
  }

  std::string folder_;
  std::string path_;
};

TEST_P(Segment, HoldsWhatWasAppendedWhateverTheSizes) {
  std::mt19937 random(7);
  std::string expected;
  auto writer = SegmentWriter::open(path_, 0).value();
  for (int i = 0; i < 200; ++i) {
    const std::size_t most = i % 20 == 0 ? 3 * SegmentWriter::kPiece : i % 3 == 0 ? 2 * SegmentWriter::kBlock : 500;
    const std::string bytes(1 + random() % most, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(writer.append(bytes, i % 4 != 0).ok());
    expected.append(bytes);
    if (i % 50 == 7) {
      ASSERT_TRUE(writer.finish().ok());
      EXPECT_EQ(std::filesystem::file_size(path_), expected.size());
    }
    if (i % 50 == 9) {  // as after a kill, once the zeros are cut off
      std::filesystem::resize_file(path_, expected.size());
      writer = SegmentWriter::open(path_, expected.size()).value();
    }
    if (i % 20 == 0) expect_holds(expected);
  }
  expect_holds(expected);
  ASSERT_TRUE(writer.finish().ok());
  EXPECT_EQ(read_file(path_, kReadLimit).value(), expected);
}

TEST_P(Segment, FillsBlocksToTheByte) {
  std::string expected;
  auto writer = SegmentWriter::open(path_, 0).value();
  for (const std::size_t bytes :
       {SegmentWriter::kBlock - 1, std::size_t{1}, SegmentWriter::kBlock, std::size_t{1}, SegmentWriter::kBlock - 1, SegmentWriter::kPiece,
        SegmentWriter::kPiece - 1, std::size_t{1}, kZeroedAhead, kZeroedAhead + 1}) {
    expected.append(bytes, static_cast<char>('a' + bytes % 26));
    ASSERT_TRUE(writer.append(std::string_view(expected).substr(expected.size() - bytes), true).ok());
    expect_holds(expected);
  }
}

TEST_P(Segment, ZeroesAheadOnlyForThoseWhoWait) {
  auto writer = SegmentWriter::open(path_, 0).value();
  ASSERT_TRUE(writer.append("soon", false).ok());
  EXPECT_LE(std::filesystem::file_size(path_), SegmentWriter::kBlock);
  const std::string block(SegmentWriter::kBlock, 'n');
  ASSERT_TRUE(writer.append(block, true).ok());
  EXPECT_GE(std::filesystem::file_size(path_), kZeroedAhead);
  expect_holds("soon" + block);
}

INSTANTIATE_TEST_SUITE_P(OnDiskAndInMemory, Segment, testing::Values("/var/tmp", "/dev/shm"));

}  // namespace
}  // namespace bulwark::audit
