#include "console/sign_in.h"

#include <gtest/gtest.h>

#include <map>

#include "console/secret_text.h"
#include "crypto/totp.h"

namespace bulwark::console {
namespace {

using namespace std::chrono_literals;

constexpr crypto::PasswordCost kCheap{.passes = 1, .memory_bytes = 8192};
constexpr std::string_view kPassword = "correct horse battery";

/// The account database's naive twin.
class MapAccounts final : public Accounts {
 public:
  Result<std::optional<Account>> find(std::string_view name) override {
    const auto found = all.find(name);
    return found == all.end() ? std::optional<Account>() : std::optional<Account>(found->second);
  }
  Result<void> create(const Account& account) override {
    all.emplace(account.name, account);
    return {};
  }
  Result<void> save(const Account& account) override {
    if (disk_full) return internal_error(Code::exhausted, "disk full");
    all[account.name] = account;
    return {};
  }
  Result<void> erase(std::string_view) override { return {}; }
  Result<std::vector<Account>> list() override { return std::vector<Account>(); }

  std::map<std::string, Account, std::less<>> all;
  bool disk_full = false;
};

class SignInTest : public ::testing::Test {
 protected:
  SignInTest() {
    Account account{.name = "ada", .role = Role::admin, .totp_secret = "12345678901234567890"};
    account.password_hash = crypto::hash_password(kPassword, kCheap).value();
    account.recovery_hashes = {secret_hash("AAAABBBBCCCCDDDD")};
    accounts_.all.emplace("ada", account);
  }

  std::string code() const { return crypto::totp_code("12345678901234567890", crypto::totp_step(clock_.wall())); }
  SignIn::Outcome attempt(std::string_view name, std::string_view password, std::string_view code, const char* source = "192.0.2.1") {
    return sign_in_.attempt(name, password, code, IpAddress::parse(source).value()).value();
  }

  ManualClock clock_;
  MapAccounts accounts_;
  SignIn sign_in_{accounts_, clock_, kCheap};
};

TEST_F(SignInTest, NeedsNamePasswordAndCode) {
  EXPECT_FALSE(attempt("bob", kPassword, code()).account);
  EXPECT_FALSE(attempt("ada", "wrong password", code()).account);
  EXPECT_FALSE(attempt("ada", kPassword, "000000").account);
  EXPECT_FALSE(attempt("ada", kPassword, "").account);
  const auto outcome = attempt("ada", kPassword, code());
  ASSERT_TRUE(outcome.account);
  EXPECT_EQ(outcome.account->name, "ada");
  EXPECT_EQ(accounts_.all["ada"].last_sign_in, clock_.wall());
}

TEST_F(SignInTest, ACodeWorksOnce) {
  const auto used = code();
  EXPECT_TRUE(attempt("ada", kPassword, used).account);
  EXPECT_FALSE(attempt("ada", kPassword, used).account);
  clock_.advance(30s);
  EXPECT_TRUE(attempt("ada", kPassword, code()).account);
}

TEST_F(SignInTest, AWrongPasswordDoesNotUseUpTheCode) {
  EXPECT_FALSE(attempt("ada", "wrong password", code()).account);
  EXPECT_TRUE(attempt("ada", kPassword, code()).account);
}

TEST_F(SignInTest, ARecoveryCodeWorksOnceAsTyped) {
  const auto outcome = attempt("ada", kPassword, "aaaa-bbbb-cccc-dddd");
  EXPECT_TRUE(outcome.account);
  EXPECT_TRUE(outcome.used_recovery_code);
  EXPECT_FALSE(attempt("ada", kPassword, "aaaa-bbbb-cccc-dddd").account);
}

TEST_F(SignInTest, ThrottlesAnAccountFromManySources) {
  for (int i = 0; i < 5; ++i) attempt("ada", "wrong password", "000000", ("192.0.2." + std::to_string(i + 1)).c_str());
  const auto outcome = attempt("ada", kPassword, code(), "192.0.2.99");
  EXPECT_FALSE(outcome.account);
  EXPECT_EQ(outcome.wait, 15s);
  clock_.advance(15s);
  EXPECT_TRUE(attempt("ada", kPassword, code(), "192.0.2.99").account);
}

TEST_F(SignInTest, ThrottlesASourceOverManyNames) {
  for (int i = 0; i < 5; ++i) attempt("nobody" + std::to_string(i), "wrong password", "000000");
  EXPECT_EQ(attempt("ada", kPassword, code()).wait, 15s);
  EXPECT_TRUE(attempt("ada", kPassword, code(), "192.0.2.2").account);
}

TEST_F(SignInTest, TellsTheNameOnlyWhenItIsOne) {
  EXPECT_EQ(attempt("ada", "wrong password", "000000").known_name, "ada");
  EXPECT_EQ(attempt("my password typed here", "x", "000000").known_name, "");
}

TEST_F(SignInTest, FailsClosedWhenTheCodesUseCannotBeKept) {
  accounts_.disk_full = true;
  EXPECT_FALSE(sign_in_.attempt("ada", kPassword, code(), IpAddress::parse("192.0.2.1").value()).ok());
}

TEST_F(SignInTest, RenewsAHashOfAnotherCost) {
  accounts_.all["ada"].password_hash = crypto::hash_password(kPassword, {.passes = 2, .memory_bytes = 8192}).value();
  ASSERT_TRUE(attempt("ada", kPassword, code()).account);
  EXPECT_FALSE(crypto::needs_rehash(accounts_.all["ada"].password_hash, kCheap));
}

TEST(AccountName, IsPlain) {
  for (const auto* name : {"ada", "a1", "ada.l@example.com", "on-call_2"}) EXPECT_TRUE(valid_account_name(name)) << name;
  for (const auto* name : {"", "a", "Ada", ".ada", "ada lovelace", "ada\n", "ada<b>", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    EXPECT_FALSE(valid_account_name(name)) << name;
}

}  // namespace
}  // namespace bulwark::console
