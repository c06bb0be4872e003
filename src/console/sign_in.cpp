#include "console/sign_in.h"

#include <algorithm>

#include "console/secret_text.h"
#include "crypto/totp.h"

namespace bulwark::console {

SignIn::SignIn(Accounts& accounts, const Clock& clock, crypto::PasswordCost cost)
    : accounts_(accounts), clock_(clock), cost_(cost), names_(clock), sources_(clock) {
  nobodys_hash_ = crypto::hash_password(random_hex(16), cost_).value_or("");
}

Result<SignIn::Outcome> SignIn::attempt(std::string_view name, std::string_view password, std::string_view code, const IpAddress& source) {
  Outcome outcome;
  const std::string address = source.text();
  outcome.wait = std::max(names_.wait(name), sources_.wait(address));
  if (outcome.wait.count() > 0) return outcome;

  std::optional<Account> account;
  if (valid_account_name(name)) account = TRY(accounts_.find(name));
  if (account) outcome.known_name = account->name;
  const bool password_right = crypto::verify_password(account ? account->password_hash : nobodys_hash_, password);
  if (!account || !password_right || !accept_second_factor(*account, code, outcome)) {
    names_.failed(name);
    sources_.failed(address);
    return outcome;
  }
  if (crypto::needs_rehash(account->password_hash, cost_)) account->password_hash = TRY(hash(password));
  account->last_sign_in = clock_.wall();
  TRY(accounts_.save(*account));  // before the answer: a code whose use could not be kept must not let anyone in
  names_.succeeded(name);
  sources_.succeeded(address);
  outcome.account = std::move(account);
  return outcome;
}

bool SignIn::accept_second_factor(Account& account, std::string_view code, Outcome& outcome) const {
  if (const auto step = crypto::verify_totp(account.totp_secret, code, clock_.wall(), account.totp_last_step)) {
    account.totp_last_step = *step;
    return true;
  }
  const auto hash = secret_hash(normalised_code(code));
  const auto found = std::find_if(account.recovery_hashes.begin(), account.recovery_hashes.end(),
                                  [&](const std::string& each) { return same_secret(each, hash); });
  if (found == account.recovery_hashes.end()) return false;
  account.recovery_hashes.erase(found);
  outcome.used_recovery_code = true;
  return true;
}

bool valid_account_name(std::string_view name) {
  const auto letter_or_digit = [](char each) { return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9'); };
  return name.size() >= 2 && name.size() <= 32 && letter_or_digit(name.front()) && std::all_of(name.begin(), name.end(), [&](char each) {
           return letter_or_digit(each) || each == '.' || each == '_' || each == '-' || each == '@';
         });
}

}  // namespace bulwark::console
