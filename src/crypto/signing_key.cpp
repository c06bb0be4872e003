// OpenSSL's one-shot EdDSA interface.
#include "crypto/signing_key.h"

#include <openssl/evp.h>

namespace bulwark::crypto {

SigningKey SigningKey::from_seed(const Key& seed) {
  EVP_PKEY* made = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.bytes.data(), seed.bytes.size());
  CHECK(made != nullptr);
  return SigningKey(std::shared_ptr<evp_pkey_st>(made, EVP_PKEY_free));
}

SigningKey::SigningKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)), public_key_(kPublicBytes, '\0') {
  std::size_t size = public_key_.size();
  CHECK(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(public_key_.data()), &size) == 1 && size == kPublicBytes);
}

std::string SigningKey::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  CHECK(context != nullptr && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
  CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1);
  return signature;
}

}  // namespace bulwark::crypto
