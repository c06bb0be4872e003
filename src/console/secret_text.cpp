#include "console/secret_text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>

#include "base/check.h"
#include "base/hex.h"
#include "base/id.h"
#include "crypto/totp.h"

namespace bulwark::console {
namespace {

constexpr std::size_t kCodeBytes = 10;

}  // namespace

std::string random_hex(std::size_t bytes) {
  std::string raw(bytes, '\0');
  secure_random(raw.data(), raw.size());
  return to_hex(raw);
}

std::string random_code() {
  std::string raw(kCodeBytes, '\0');
  secure_random(raw.data(), raw.size());
  const std::string text = crypto::base32(raw);
  return text.substr(0, 4) + "-" + text.substr(4, 4) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4);
}

std::string normalised_code(std::string_view typed) {
  std::string out;
  for (const char each : typed)
    if (each != '-' && each != ' ') out += each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A') : each;
  return out;
}

std::string secret_hash(std::string_view secret) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  CHECK(EVP_Digest(secret.data(), secret.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  return to_hex(std::span(digest).first(size));
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace bulwark::console
