// Time-based one-time passwords (RFC 6238 over RFC 4226), as every authenticator app speaks them: SHA-1, 6 digits, 30 s.
// A code is good once: callers keep the step it belonged to and refuse that step and earlier ones from then on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace bulwark::crypto {

constexpr std::size_t kTotpSecretBytes = 20;  ///< RFC 4226 §4 R6 recommends 160 bits
constexpr std::uint64_t kTotpStepSeconds = 30;
constexpr std::uint64_t kTotpSkewSteps = 1;  ///< RFC 6238 §5.2: one step either side for clocks that drift

/// 20 random bytes.
std::string make_totp_secret();

/// The number of 30 s steps since 1970 (RFC 6238 §4.2).
std::uint64_t totp_step(WallTime now);

/// The code of one step; `digits` 6 to 8 with leading zeros.
std::string totp_code(std::string_view secret, std::uint64_t step, unsigned digits = 6);

/// The step whose code this is, if it lies within the allowed skew of `now` and after `last_step`; else nothing.
std::optional<std::uint64_t> verify_totp(std::string_view secret, std::string_view code, WallTime now, std::uint64_t last_step);

/// "otpauth://totp/ISSUER:USER?secret=…&issuer=…" for the QR code.
std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view user);

/// RFC 4648 §6 without padding.
std::string base32(std::string_view bytes);

}  // namespace bulwark::crypto
