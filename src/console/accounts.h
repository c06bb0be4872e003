// The people who may sign in. Kept in the encrypted state database; the interface stands here, with its caller.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "console/role.h"

namespace bulwark::console {

struct Account {
  std::string name;  ///< lower case; see valid_account_name()
  Role role = Role::viewer;
  std::string password_hash;                 ///< PHC string
  std::string totp_secret;                   ///< raw bytes
  std::uint64_t totp_last_step = 0;          ///< codes of this step and before are used up
  std::vector<std::string> recovery_hashes;  ///< SHA-256 of the codes not used yet
  WallTime created = 0;
  WallTime last_sign_in = 0;
  std::string invited_by;  ///< empty: the first admin
};

/// 2 to 32 of a–z, 0–9, '.', '_', '-', '@', beginning with a letter or digit.
bool valid_account_name(std::string_view name);

class Accounts {
 public:
  static constexpr std::size_t kMax = 500;
  virtual ~Accounts() = default;
  virtual Result<std::optional<Account>> find(std::string_view name) = 0;
  /// Error `conflict` when the name is taken, `exhausted` at kMax.
  virtual Result<void> create(const Account& account) = 0;
  /// Replaces the account of that name; `not_found` if there is none.
  virtual Result<void> save(const Account& account) = 0;
  virtual Result<void> erase(std::string_view name) = 0;
  virtual Result<std::vector<Account>> list() = 0;  ///< by name
};

}  // namespace bulwark::console
