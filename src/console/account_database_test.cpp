#include "console/account_database.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace bulwark::console {
namespace {

class AccountDatabaseTest : public ::testing::Test {
 protected:
  AccountDatabaseTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bulwark-accounts-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    accounts_ = open().value();
  }
  ~AccountDatabaseTest() override { std::filesystem::remove_all(directory_); }

  Result<std::unique_ptr<Accounts>> open() { return open_accounts({.path = directory_ + "/console.db", .key = {}}); }

  static Account ada() {
    return {.name = "ada",
            .role = Role::admin,
            .password_hash = "$argon2id$…",
            .totp_secret = std::string("se\0cret-in-clear", 16),
            .totp_last_step = 57'000'000,
            .recovery_hashes = {"aa", "bb"},
            .created = 1,
            .last_sign_in = 2,
            .invited_by = "root"};
  }

  std::string directory_;
  std::unique_ptr<Accounts> accounts_;
};

TEST_F(AccountDatabaseTest, KeepsEveryFieldOverAReopening) {
  ASSERT_TRUE(accounts_->create(ada()).ok());
  accounts_.reset();
  accounts_ = open().value();
  const auto found = accounts_->find("ada").value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->role, Role::admin);
  EXPECT_EQ(found->password_hash, ada().password_hash);
  EXPECT_EQ(found->totp_secret, ada().totp_secret);
  EXPECT_EQ(found->totp_last_step, ada().totp_last_step);
  EXPECT_EQ(found->recovery_hashes, ada().recovery_hashes);
  EXPECT_EQ(found->created, 1);
  EXPECT_EQ(found->last_sign_in, 2);
  EXPECT_EQ(found->invited_by, "root");
}

TEST_F(AccountDatabaseTest, NamesAreUnique) {
  ASSERT_TRUE(accounts_->create(ada()).ok());
  EXPECT_EQ(accounts_->create(ada()).error().code, Code::conflict);
  EXPECT_FALSE(accounts_->find("bob").value());
}

TEST_F(AccountDatabaseTest, SavesAndErases) {
  ASSERT_TRUE(accounts_->create(ada()).ok());
  Account changed = ada();
  changed.role = Role::viewer;
  changed.recovery_hashes.clear();
  ASSERT_TRUE(accounts_->save(changed).ok());
  EXPECT_EQ(accounts_->find("ada").value()->role, Role::viewer);
  EXPECT_TRUE(accounts_->find("ada").value()->recovery_hashes.empty());
  ASSERT_TRUE(accounts_->erase("ada").ok());
  EXPECT_EQ(accounts_->erase("ada").error().code, Code::not_found);
  EXPECT_EQ(accounts_->save(ada()).error().code, Code::not_found);
  EXPECT_TRUE(accounts_->list()->empty());
}

TEST_F(AccountDatabaseTest, SecretsAreNotReadableOnDisk) {
  ASSERT_TRUE(accounts_->create(ada()).ok());
  accounts_.reset();
  for (const auto& file : std::filesystem::directory_iterator(directory_)) {
    std::ifstream stream(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(bytes.find("cret-in-clear"), std::string::npos) << file.path();
    EXPECT_EQ(bytes.find("argon2id"), std::string::npos) << file.path();
  }
}

}  // namespace
}  // namespace bulwark::console
