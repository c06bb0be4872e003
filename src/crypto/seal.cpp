// Layout: nonce, then ciphertext with its tag.
#include "crypto/seal.h"

#include <sodium.h>

#include "base/check.h"
#include "base/id.h"

namespace bulwark::crypto {

static_assert(kSealBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(Key::kBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

Key random_key() {
  Key key;
  secure_random(key.bytes.data(), key.bytes.size());
  return key;
}

std::string seal(const Key& key, std::string_view value, std::string_view about) {
  CHECK(sodium_init() >= 0);
  std::string out(kSealBytes + value.size(), '\0');
  secure_random(out.data(), kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(out) + kNonce, nullptr, bytes(value), value.size(), bytes(about), about.size(), nullptr,
                                             bytes(out), key.bytes.data());
  return out;
}

Result<std::string> unseal(const Key& key, std::string_view sealed, std::string_view about) {
  CHECK(sodium_init() >= 0);
  if (sealed.size() < kSealBytes) return internal_error(Code::corrupt, "a sealed value is too short");
  std::string out(sealed.size() - kSealBytes, '\0');
  const int opened =
      crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(out), nullptr, nullptr, bytes(sealed) + kNonce, sealed.size() - kNonce, bytes(about),
                                                 about.size(), bytes(sealed), key.bytes.data());
  if (opened != 0) return internal_error(Code::corrupt, "a sealed value does not open: another key, or it was changed");
  return out;
}

}  // namespace bulwark::crypto
