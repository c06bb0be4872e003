// OpenSSL's block coder, with its leniency taken out: what is read must be what writing it again gives.
#include "crypto/base64.h"

#include <openssl/evp.h>

namespace bulwark::crypto {
namespace {

constexpr std::size_t kMaxBytes = 1 << 28;  // OpenSSL counts in int

}  // namespace

std::string base64(std::string_view bytes) {
  CHECK(bytes.size() <= kMaxBytes);
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Result<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > kMaxBytes) return client_error(Code::invalid, "base64 of an impossible length");
  if (text.empty()) return std::string();
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return client_error(Code::invalid, "a character that is not base64");
  out.resize(static_cast<std::size_t>(size) - (text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0));
  if (base64(out) != text) return client_error(Code::invalid, "base64 that is not written the one right way");
  return out;
}

}  // namespace bulwark::crypto
