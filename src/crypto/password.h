// Passwords as argon2id hashes (RFC 9106) over libsodium. Hashing takes tens of milliseconds and 64 MiB on purpose:
// call it from a thread that may block, never from a gateway worker.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::crypto {

struct PasswordCost {
  unsigned long long passes = 3;
  std::size_t memory_bytes = 64 * 1024 * 1024;
};

constexpr std::size_t kMinPasswordBytes = 12;
constexpr std::size_t kMaxPasswordBytes = 256;

/// Why people may not use this password, in words for them, or empty if they may. NIST SP 800-63B §5.1.1.2: length and
/// known-bad words count, composition rules do not.
std::string_view password_objection(std::string_view password, std::string_view user);

/// The PHC string "$argon2id$v=19$m=…,t=…,p=1$salt$hash". Errors: `exhausted` when the memory cannot be had.
Result<std::string> hash_password(std::string_view password, const PasswordCost& cost = {});

/// Constant in the password; a malformed hash is false.
bool verify_password(std::string_view hash, std::string_view password);

/// True when `hash` was made with another cost and should be made anew after the next good sign-in.
bool needs_rehash(std::string_view hash, const PasswordCost& cost = {});

}  // namespace bulwark::crypto
