// OpenSSL's one-shot HMAC.
#include "crypto/mac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace bulwark::crypto {

Digest hmac_sha256(const Key& key, std::string_view message) {
  Digest out{};
  unsigned int size = 0;
  CHECK(HMAC(EVP_sha256(), key.bytes.data(), static_cast<int>(key.bytes.size()), reinterpret_cast<const unsigned char*>(message.data()),
             message.size(), out.data(), &size) != nullptr);
  CHECK(size == out.size());
  return out;
}

}  // namespace bulwark::crypto
