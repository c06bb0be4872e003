// Keys in their file, values under them, and every way of meddling with either.
#include "database/protection/column_cipher.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace bulwark::database {
namespace {

class ColumnCipherTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() /
                 ("bulwark-keys-" + std::to_string(getpid()) + "-" + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(directory_);
    file_ = directory_ / "column-keys";
    secret_.bytes.fill(3);
    keys_ = open();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::shared_ptr<ColumnKeys> open() { return ColumnKeys::open(file_, secret_, {"users.ssn", "users.name"}).value(); }
  std::string text() {
    std::ostringstream out;
    out << std::ifstream(file_).rdbuf();
    return out.str();
  }
  std::filesystem::path directory_;
  std::string file_;
  crypto::Key secret_;
  std::shared_ptr<ColumnKeys> keys_;
};

TEST_F(ColumnCipherTest, WhatIsSealedOpensAfterARestart) {
  const std::string stored = ColumnCipher({"users.ssn"}, keys_).seal("123-45-6789");
  const ColumnCipher again({"users.ssn"}, open());
  EXPECT_EQ(again.open(stored).value(), "123-45-6789");
  EXPECT_EQ(stored.find("123"), std::string::npos);
  EXPECT_EQ(again.open(again.seal("")).value(), "");
}

TEST_F(ColumnCipherTest, EqualValuesHaveEqualIndexesAndNothingElse) {
  const ColumnCipher cipher({"users.ssn"}, keys_);
  const std::string stored = cipher.seal("anna");
  EXPECT_NE(stored, cipher.seal("anna"));
  EXPECT_TRUE(stored.starts_with(cipher.index("anna")));
  EXPECT_FALSE(stored.starts_with(cipher.index("bert")));
  EXPECT_NE(cipher.index("anna"), ColumnCipher({"users.name"}, keys_).index("anna"));
  const ColumnCipher hidden({"users.ssn", SealedType::text, false}, keys_);
  EXPECT_EQ(hidden.seal("anna").substr(0, ColumnCipher::kIndexBytes), hidden.seal("bert").substr(0, ColumnCipher::kIndexBytes));
  EXPECT_EQ(hidden.open(hidden.seal("anna")).value(), "anna");
}

TEST_F(ColumnCipherTest, NothingStoredCanBeChangedOrMovedToAnotherColumn) {
  const ColumnCipher cipher({"users.ssn"}, keys_);
  const std::string stored = cipher.seal("anna");
  for (std::size_t i = 0; i < stored.size(); ++i) {
    std::string changed = stored;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    const auto opened = cipher.open(changed);
    EXPECT_FALSE(opened.ok()) << i;
    EXPECT_FALSE(cipher.open(stored.substr(0, i)).ok()) << i;
  }
  EXPECT_FALSE(ColumnCipher({"users.name"}, keys_).open(stored).ok());
  EXPECT_NE(cipher.open("plain text").error().message.find("users.ssn"), std::string::npos);
}

TEST_F(ColumnCipherTest, RotatingLeavesOldValuesReadableAndFindable) {
  const ColumnCipher cipher({"users.ssn"}, keys_);
  const std::string before = cipher.seal("anna");
  const auto other_process = open();
  const std::uint32_t made = other_process->rotate("users.ssn").value();
  const std::string after = ColumnCipher({"users.ssn"}, other_process).seal("anna");
  EXPECT_EQ(sealed_with(after), made);
  EXPECT_NE(sealed_with(before), made);
  EXPECT_EQ(before.substr(0, ColumnCipher::kIndexBytes), after.substr(0, ColumnCipher::kIndexBytes));
  EXPECT_EQ(cipher.open(after).value(), "anna") << "the file is looked at again at once";
  const ColumnCipher fresh({"users.ssn"}, open());
  EXPECT_EQ(fresh.open(before).value(), "anna");
  EXPECT_EQ(fresh.open(after).value(), "anna");
}

TEST_F(ColumnCipherTest, KeyFilesOfOthersAreRefused) {
  const std::string good = text();
  crypto::Key wrapping;
  EXPECT_FALSE(ColumnKeySet::parse(good, wrapping, "f").ok()) << "another master key";
  EXPECT_FALSE(ColumnKeys::open(file_, wrapping, {}).ok());
  for (const auto& [from, to] :
       {std::pair("users.ssn\t1", "users.ssn\t9"), std::pair("index\tusers.ssn", "index\tusers.sss"), std::pair("data", "dat")}) {
    std::string changed = good;
    changed.replace(changed.find(from), std::string(from).size(), to);
    std::ofstream(file_) << changed;
    EXPECT_FALSE(ColumnKeys::open(file_, secret_, {}).ok()) << to;
  }
  std::ofstream(file_) << good;
  std::filesystem::permissions(file_, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_FALSE(ColumnKeys::open(file_, secret_, {}).ok()) << "others may read it";
}

}  // namespace
}  // namespace bulwark::database
