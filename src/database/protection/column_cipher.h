// One encrypted column: its values are stored as bytea, each sealed under the column's active key, with a blind index in front by which
// equal values can be found. docs/formats/encrypted-column.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "database/protection/column_keys.h"
#include "database/protection/value.h"
#include "database/protection_settings.h"

namespace bulwark::database {

class ColumnCipher {
 public:
  static constexpr std::size_t kIndexBytes = 17;               ///< version and blind index: what is compared
  static constexpr std::size_t kHeadBytes = kIndexBytes + 4;   ///< and the number of the key
  static constexpr std::size_t kLeastBytes = kHeadBytes + 28;  ///< with the nonce and the tag of an empty value
  static constexpr std::size_t kMaxPlainBytes = 16 * 1024 * 1024;

  ColumnCipher(EncryptSettings settings, std::shared_ptr<const ColumnKeys> keys) : settings_(std::move(settings)), keys_(std::move(keys)) {}

  /// Plain values as value.h has them.
  std::string seal(std::string_view plain) const;
  /// Errors, internal/corrupt: what is stored is no value of this column.
  Result<std::string> open(std::string_view stored) const;
  /// What the stored forms of this value begin with.
  std::string index(std::string_view plain) const;
  /// What a value is compared by: its index; where plain values are stored too, with the value itself behind.
  std::string compared(std::string_view plain) const { return settings_.plaintext ? index(plain).append(plain) : index(plain); }

  const EncryptSettings& settings() const { return settings_; }
  std::uint32_t type() const { return type_oid_of(settings_.type); }

 private:
  std::string index_under(const ColumnKeySet& keys, std::string_view plain) const;
  std::string belongs_to(std::string_view head) const;

  EncryptSettings settings_;
  std::shared_ptr<const ColumnKeys> keys_;
};

/// The number of the key that a stored value is sealed with; nothing: it is none.
std::optional<std::uint32_t> sealed_with(std::string_view stored);

}  // namespace bulwark::database
