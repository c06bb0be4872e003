// OpenSSL's EVP, one context a thread.
#include "crypto/aead.h"

#include <openssl/evp.h>

#include <memory>

#include "base/check.h"
#include "base/id.h"

namespace bulwark::crypto {
namespace {

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

EVP_CIPHER_CTX* context() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter> made(EVP_CIPHER_CTX_new());
  CHECK(made != nullptr);
  return made.get();
}

const EVP_CIPHER* method() {
  static const EVP_CIPHER* fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CHECK(fetched != nullptr);
  return fetched;
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text, std::size_t at) { return reinterpret_cast<unsigned char*>(text.data()) + at; }

}  // namespace

std::string gcm_seal(const Key& key, std::string_view belongs_to, std::string_view text) {
  std::string out(text.size() + kGcmBytes, '\0');
  secure_random(out.data(), kGcmNonceBytes);
  EVP_CIPHER_CTX* const work = context();
  int size = 0;
  CHECK(EVP_EncryptInit_ex2(work, method(), key.bytes.data(), bytes(out, 0), nullptr) == 1);
  CHECK(EVP_EncryptUpdate(work, nullptr, &size, bytes(belongs_to), static_cast<int>(belongs_to.size())) == 1);
  CHECK(EVP_EncryptUpdate(work, bytes(out, kGcmNonceBytes), &size, bytes(text), static_cast<int>(text.size())) == 1);
  CHECK(EVP_EncryptFinal_ex(work, bytes(out, kGcmNonceBytes + text.size()), &size) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(work, EVP_CTRL_GCM_GET_TAG, kGcmTagBytes, bytes(out, kGcmNonceBytes + text.size())) == 1);
  return out;
}

Result<std::string> gcm_open(const Key& key, std::string_view belongs_to, std::string_view sealed) {
  const auto failed = [] { return internal_error(Code::corrupt, "a sealed text does not open: it was changed, or belongs elsewhere"); };
  if (sealed.size() < kGcmBytes) return failed();
  std::string nonce(sealed.substr(0, kGcmNonceBytes));
  std::string tag(sealed.substr(sealed.size() - kGcmTagBytes));
  const std::string_view text = sealed.substr(kGcmNonceBytes, sealed.size() - kGcmBytes);
  std::string out(text.size(), '\0');
  EVP_CIPHER_CTX* const work = context();
  int size = 0;
  CHECK(EVP_DecryptInit_ex2(work, method(), key.bytes.data(), bytes(nonce, 0), nullptr) == 1);
  CHECK(EVP_DecryptUpdate(work, nullptr, &size, bytes(belongs_to), static_cast<int>(belongs_to.size())) == 1);
  CHECK(EVP_DecryptUpdate(work, bytes(out, 0), &size, bytes(text), static_cast<int>(text.size())) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(work, EVP_CTRL_GCM_SET_TAG, kGcmTagBytes, bytes(tag, 0)) == 1);
  unsigned char none[kGcmTagBytes];
  if (EVP_DecryptFinal_ex(work, none, &size) != 1) return failed();
  return out;
}

}  // namespace bulwark::crypto
