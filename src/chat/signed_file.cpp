// Signing and checking through libsodium.
#include "chat/signed_file.h"

#include <sodium.h>

namespace bulwark::chat {

Result<std::string_view> verified(std::string_view file, const PublicKey& key) {
  if (file.size() > kMaxModelBytes) return config_error("the model file is not usable: it is larger than 16 MiB");
  if (file.size() < crypto_sign_BYTES) return config_error("the model file is not usable: it is too short");
  const std::string_view body = file.substr(0, file.size() - crypto_sign_BYTES);
  const auto* signature = reinterpret_cast<const unsigned char*>(file.data() + body.size());
  if (crypto_sign_verify_detached(signature, reinterpret_cast<const unsigned char*>(body.data()), body.size(), key.data()) != 0)
    return Error{Code::corrupt, Origin::config, "the model file's signature does not hold: it was changed, or signed with another key"};
  return body;
}

std::string with_signature(std::string body, const SecretKey& key) {
  std::array<unsigned char, crypto_sign_BYTES> signature;
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(body.data()), body.size(), key.data());
  return body.append(reinterpret_cast<const char*>(signature.data()), signature.size());
}

Result<PublicKey> parse_public_key(std::string_view hex) {
  PublicKey key{};
  std::size_t size = 0;
  if (sodium_hex2bin(key.data(), key.size(), hex.data(), hex.size(), "\n", &size, nullptr) != 0 || size != key.size())
    return config_error("a model key is 64 hexadecimal digits");
  return key;
}

void append_u32(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
}

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

}  // namespace bulwark::chat
