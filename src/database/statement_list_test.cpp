// Reading, comparing and signing the learned list.
#include "database/statement_list.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/id.h"

namespace bulwark::database {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    out += digits;
  }
  return out;
}

class StatementListTest : public testing::Test {
 protected:
  StatementListTest() : file_(testing::TempDir() + "statements_" + TraceId::random().hex()) {}
  ~StatementListTest() override {
    std::filesystem::remove(file_);
    std::filesystem::remove(signed_copy(file_));
  }
  static std::string line(char digit, const std::string& shape, const std::string& role = "app") {
    return std::string(64, digit) + "\t" + role + "\t" + shape + "\n";
  }
  static void write(const std::string& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }
  static std::string read(const std::string& file) {
    std::ifstream input(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(input), {}};
  }
  static crypto::SigningKey key(std::uint8_t byte) {
    crypto::Key seed;
    seed.bytes.fill(byte);
    return crypto::SigningKey::from_seed(seed);
  }
  std::string file_;
};

TEST_F(StatementListTest, ReadsAndNamesWhatIsMalformed) {
  write(file_, "# comment\n" + line('a', "select 1") + "\n" + line('b', "select 2"));
  EXPECT_EQ(read_statement_list(file_)->size(), 2U);
  write(file_, line('a', "select 1") + "select 2\n");
  const auto broken = read_statement_list(file_);
  ASSERT_FALSE(broken.ok());
  EXPECT_NE(broken.error().message.find(":2: not a line"), std::string::npos);
  EXPECT_FALSE(read_statement_list(file_ + ".missing").ok());
}

TEST_F(StatementListTest, TheDifferenceIsByShapeAndRole) {
  const auto before = *parse_statement_list(line('a', "select 1") + line('b', "select 2"), "x");
  const auto after =
      *parse_statement_list(line('b', "select 2") + line('b', "select 2", "other") + line('c', "select 3") + line('c', "select 3"), "x");
  const auto difference = compare(before, after);
  ASSERT_EQ(difference.added.size(), 2U);
  EXPECT_EQ(difference.added[0].role, "other");
  EXPECT_EQ(difference.added[1].shape, "select 3");
  ASSERT_EQ(difference.removed.size(), 1U);
  EXPECT_EQ(difference.removed[0].shape, "select 1");
}

TEST_F(StatementListTest, OnlyWhatWasSignedIsRead) {
  write(file_, line('a', "select 1"));
  ASSERT_TRUE(sign_statement_list(file_, key(1), "Ada Lovelace", "2026-11-23T00:00:00Z").ok());
  const std::vector<std::string> keys = {hex(key(2).public_key()), hex(key(1).public_key())};
  write(file_, line('a', "select 1") + line('b', "drop table users"));
  const auto list = read_signed_list(file_, keys);
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->size(), 1U);
  EXPECT_FALSE(read_signed_list(file_, {hex(key(2).public_key())}).ok());
  EXPECT_FALSE(read_signed_list(file_, {"nonsense", ""}).ok());
  EXPECT_FALSE(read_signed_list(file_ + ".missing", keys).ok());
}

TEST_F(StatementListTest, EveryChangedByteIsNoticed) {
  write(file_, line('a', "select 1") + line('b', "select 2"));
  ASSERT_TRUE(sign_statement_list(file_, key(1), "ada", "2026-11-23T00:00:00Z").ok());
  const std::vector<std::string> keys = {hex(key(1).public_key())};
  const std::string whole = read(signed_copy(file_));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    write(signed_copy(file_), changed);
    EXPECT_FALSE(read_signed_list(file_, keys).ok()) << "byte " << i;
  }
  write(signed_copy(file_), whole.substr(0, whole.size() - 10));
  EXPECT_FALSE(read_signed_list(file_, keys).ok());
  write(signed_copy(file_), whole + line('c', "select 3"));
  EXPECT_FALSE(read_signed_list(file_, keys).ok());
}

}  // namespace
}  // namespace bulwark::database
