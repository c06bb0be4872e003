#include "crypto/totp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/check.h"
#include "base/id.h"

namespace bulwark::crypto {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// RFC 4226 §5.3: dynamic truncation to 31 bits.
std::uint32_t hotp(std::string_view secret, std::uint64_t counter) {
  std::array<unsigned char, 8> message{};
  for (int i = 7; i >= 0; --i, counter >>= 8) message[static_cast<std::size_t>(i)] = static_cast<unsigned char>(counter);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  CHECK(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), message.data(), message.size(), mac.data(), &size) != nullptr);
  const std::size_t offset = mac[size - 1] & 0x0f;
  return (std::uint32_t{mac[offset]} & 0x7f) << 24 | std::uint32_t{mac[offset + 1]} << 16 | std::uint32_t{mac[offset + 2]} << 8 |
         std::uint32_t{mac[offset + 3]};
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    const bool unreserved = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '-' ||
                            byte == '.' || byte == '_' || byte == '~';
    if (unreserved)
      out += each;
    else
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
  }
  return out;
}

}  // namespace

std::string make_totp_secret() {
  std::string secret(kTotpSecretBytes, '\0');
  secure_random(secret.data(), secret.size());
  return secret;
}

std::uint64_t totp_step(WallTime now) { return static_cast<std::uint64_t>(now) / 1'000'000'000ULL / kTotpStepSeconds; }

std::string totp_code(std::string_view secret, std::uint64_t step, unsigned digits) {
  CHECK(digits >= 6 && digits <= 8);
  std::uint32_t value = hotp(secret, step);
  std::string code(digits, '0');
  for (unsigned i = digits; i-- > 0; value /= 10) code[i] = static_cast<char>('0' + value % 10);
  return code;
}

std::optional<std::uint64_t> verify_totp(std::string_view secret, std::string_view code, WallTime now, std::uint64_t last_step) {
  if (code.size() != 6) return std::nullopt;
  const std::uint64_t current = totp_step(now);
  for (std::uint64_t step = current - kTotpSkewSteps; step <= current + kTotpSkewSteps; ++step) {
    const std::string expected = totp_code(secret, step);
    if (CRYPTO_memcmp(expected.data(), code.data(), code.size()) == 0 && step > last_step) return step;
  }
  return std::nullopt;
}

std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view user) {
  return "otpauth://totp/" + percent_encode(issuer) + ":" + percent_encode(user) + "?secret=" + base32(secret) +
         "&issuer=" + percent_encode(issuer) + "&algorithm=SHA1&digits=6&period=30";
}

std::string base32(std::string_view bytes) {
  std::string out;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char each : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(each);
    for (bits += 8; bits >= 5; bits -= 5) out += kBase32[buffer >> (bits - 5) & 31];
  }
  if (bits > 0) out += kBase32[buffer << (5 - bits) & 31];
  return out;
}

}  // namespace bulwark::crypto
