// version (1 byte) | blind index (16) | number of the key (4, big-endian) | nonce (12) | ciphertext | tag (16)
#include "database/protection/column_cipher.h"

#include "crypto/aead.h"
#include "crypto/mac.h"

namespace bulwark::database {
namespace {

constexpr char kVersion = '\1';

Error foreign(const std::string& column, std::string_view why) {
  return internal_error(Code::corrupt, "column " + column + ": a stored value does not open: " + std::string(why));
}

}  // namespace

std::optional<std::uint32_t> sealed_with(std::string_view stored) {
  static_assert(ColumnCipher::kLeastBytes == ColumnCipher::kHeadBytes + crypto::kGcmBytes);
  if (stored.size() < ColumnCipher::kLeastBytes || stored[0] != kVersion) return std::nullopt;
  return static_cast<std::uint32_t>(read_integer(stored.substr(ColumnCipher::kIndexBytes, 4)));
}

/// All zeros where nothing is to be found: equal values then look as different as others.
std::string ColumnCipher::index_under(const ColumnKeySet& keys, std::string_view plain) const {
  std::string out(1, kVersion);
  const crypto::Key* key = settings_.lookup ? keys.index_key(settings_.column) : nullptr;
  if (key == nullptr) return out.append(kIndexBytes - 1, '\0');
  const crypto::Digest digest = crypto::hmac_sha256(*key, plain);
  return out.append(crypto::as_bytes(digest).substr(0, kIndexBytes - 1));
}

std::string ColumnCipher::index(std::string_view plain) const { return index_under(*keys_->current(), plain); }

std::string ColumnCipher::belongs_to(std::string_view head) const {
  return std::string("column\t").append(settings_.column).append("\t").append(head);
}

std::string ColumnCipher::seal(std::string_view plain) const {
  const auto keys = keys_->current();
  const auto* key = keys->active(settings_.column);
  CHECK(key != nullptr);  // made when the configuration was read
  std::string out = index_under(*keys, plain);
  append_integer(out, key->id, 4);
  return out.append(crypto::gcm_seal(key->key, belongs_to(out), plain));
}

Result<std::string> ColumnCipher::open(std::string_view stored) const {
  const auto id = sealed_with(stored);
  if (!id && settings_.plaintext) return std::string(stored);
  if (!id) return foreign(settings_.column, "it was not encrypted here");
  auto keys = keys_->current();
  const auto* key = keys->find(*id);
  if (key == nullptr) {
    keys = keys_->latest();
    key = keys->find(*id);
  }
  if (key == nullptr || key->column != settings_.column) return foreign(settings_.column, "its key is not known");
  auto plain = crypto::gcm_open(key->key, belongs_to(stored.substr(0, kHeadBytes)), stored.substr(kHeadBytes));
  if (!plain.ok()) return foreign(settings_.column, "it was changed, or belongs to another column");
  return plain;
}

}  // namespace bulwark::database
