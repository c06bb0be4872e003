// Decides whether a name, a password and a code belong to somebody. One answer for every kind of wrong, in the same time,
// so that nobody learns which part was right or which names exist. Blocks for the password hash: password lane only.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"
#include "console/accounts.h"
#include "console/throttle.h"
#include "crypto/password.h"

namespace bulwark::console {

class SignIn {
 public:
  SignIn(Accounts& accounts, const Clock& clock, crypto::PasswordCost cost);

  struct Outcome {
    std::optional<Account> account;  ///< whoever it was
    std::chrono::seconds wait{0};    ///< not zero: not looked at, too many failures before
    bool used_recovery_code = false;
    std::string known_name;  ///< the name that was tried, if there is such an account: people type passwords here
  };
  /// An Error only when our own machinery failed. `code` is a TOTP code or a recovery code.
  Result<Outcome> attempt(std::string_view name, std::string_view password, std::string_view code, const IpAddress& source);

  Result<std::string> hash(std::string_view password) const { return crypto::hash_password(password, cost_); }

  /// Failures by source with no account at hand: guessing set-up codes.
  std::chrono::seconds wait_for_source(const IpAddress& source) const { return sources_.wait(source.text()); }
  void source_failed(const IpAddress& source) { sources_.failed(source.text()); }

 private:
  bool accept_second_factor(Account& account, std::string_view code, Outcome& outcome) const;

  Accounts& accounts_;
  const Clock& clock_;
  const crypto::PasswordCost cost_;
  std::string nobodys_hash_;  ///< verified when there is no such account, to take as long
  Throttle names_;
  Throttle sources_;
};

}  // namespace bulwark::console
