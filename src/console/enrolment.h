// How a person comes to have an account: someone hands them a one-time code (the first admin gets theirs from `bulwark serve`),
// they choose a name and a password, scan the TOTP secret, and prove it with one code. Thread-safe; in memory, so codes that
// were not used end with the process.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "console/accounts.h"

namespace bulwark::console {

class Enrolment {
 public:
  static constexpr std::chrono::hours kInvitationLives{24};
  static constexpr std::chrono::minutes kTicketLives{15};
  static constexpr std::size_t kMaxInvitations = 100;
  static constexpr unsigned kMaxProofs = 10;  ///< wrong TOTP codes until a ticket is void
  static constexpr std::size_t kRecoveryCodes = 8;

  explicit Enrolment(const Clock& clock) : clock_(clock) {}

  /// The code to hand over. `exhausted` when too many are open. `by` is empty for the first admin.
  Result<std::string> invite(Role role, std::string by);
  bool invited(std::string_view code) const;

  struct Begun {
    std::string ticket;       ///< names this enrolment in finish()
    std::string totp_secret;  ///< raw bytes
  };
  /// The code stays good until finish(), so that a mistake with the phone can be put right.
  Result<Begun> begin(std::string_view code, std::string name, std::string password_hash);

  struct Finished {
    Account account;
    std::vector<std::string> recovery_codes;  ///< shown once; the account holds their hashes
  };
  /// `denied` for a wrong or late proof. Uses up the ticket and its invitation.
  Result<Finished> finish(std::string_view ticket, std::string_view totp_code);

 private:
  struct Invitation {
    Role role;
    std::string by;
    MonoTime expires;
  };
  struct Pending {
    std::string invitation;  ///< hash of its code
    std::string name;
    std::string password_hash;
    std::string totp_secret;
    MonoTime expires;
    unsigned wrong_proofs = 0;
  };
  void drop_expired();

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Invitation> invitations_;  ///< by hash of the code
  std::unordered_map<std::string, Pending> pending_;         ///< by hash of the ticket; at most one per invitation
};

}  // namespace bulwark::console
