#include "console/enrolment.h"

#include "console/secret_text.h"
#include "crypto/totp.h"

namespace bulwark::console {
namespace {

constexpr std::size_t kTicketBytes = 32;

Error wrong_code() {
  return client_error(Code::denied, "This set-up code is not valid. It may have been used or have expired; ask for a new one.");
}

}  // namespace

Result<std::string> Enrolment::invite(Role role, std::string by) {
  const std::lock_guard lock(mutex_);
  drop_expired();
  if (invitations_.size() >= kMaxInvitations) return client_error(Code::exhausted, "Too many invitations are open.");
  std::string code = random_code();
  invitations_.emplace(secret_hash(normalised_code(code)), Invitation{role, std::move(by), clock_.mono() + kInvitationLives});
  return code;
}

bool Enrolment::invited(std::string_view code) const {
  const std::lock_guard lock(mutex_);
  const auto found = invitations_.find(secret_hash(normalised_code(code)));
  return found != invitations_.end() && found->second.expires > clock_.mono();
}

Result<Enrolment::Begun> Enrolment::begin(std::string_view code, std::string name, std::string password_hash) {
  const std::lock_guard lock(mutex_);
  drop_expired();
  const std::string invitation = secret_hash(normalised_code(code));
  if (!invitations_.contains(invitation)) return wrong_code();
  std::erase_if(pending_, [&](const auto& each) { return each.second.invitation == invitation; });
  Begun begun{random_hex(kTicketBytes), crypto::make_totp_secret()};
  pending_.emplace(secret_hash(begun.ticket),
                   Pending{invitation, std::move(name), std::move(password_hash), begun.totp_secret, clock_.mono() + kTicketLives});
  return begun;
}

Result<Enrolment::Finished> Enrolment::finish(std::string_view ticket, std::string_view totp_code) {
  const std::lock_guard lock(mutex_);
  drop_expired();
  const auto found = pending_.find(secret_hash(ticket));
  if (found == pending_.end()) return client_error(Code::denied, "This set-up took too long. Begin again with your set-up code.");
  Pending& pending = found->second;
  const auto step = crypto::verify_totp(pending.totp_secret, totp_code, clock_.wall(), 0);
  if (!step) {
    if (++pending.wrong_proofs >= kMaxProofs) pending_.erase(found);
    return client_error(Code::denied, "That code does not match. Wait for the next one in your app and check the phone's clock.");
  }
  const auto invitation = invitations_.find(pending.invitation);
  if (invitation == invitations_.end()) return wrong_code();
  Finished finished;
  finished.account = {.name = std::move(pending.name),
                      .role = invitation->second.role,
                      .password_hash = std::move(pending.password_hash),
                      .totp_secret = std::move(pending.totp_secret),
                      .totp_last_step = *step,
                      .recovery_hashes = {},
                      .created = clock_.wall(),
                      .last_sign_in = clock_.wall(),
                      .invited_by = invitation->second.by};
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    finished.recovery_codes.push_back(random_code());
    finished.account.recovery_hashes.push_back(secret_hash(normalised_code(finished.recovery_codes.back())));
  }
  invitations_.erase(invitation);
  pending_.erase(found);
  return finished;
}

void Enrolment::drop_expired() {
  const MonoTime now = clock_.mono();
  std::erase_if(invitations_, [&](const auto& each) { return each.second.expires <= now; });
  std::erase_if(pending_, [&](const auto& each) { return each.second.expires <= now || !invitations_.contains(each.second.invitation); });
}

}  // namespace bulwark::console
