// One mask, ready to use: turns a value into what is shown of it, of the same type and in the same format.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/master_key.h"
#include "database/protection/value.h"
#include "database/protection_settings.h"

namespace bulwark::database {

/// How a value stands in a message.
struct ValueForm {
  std::uint32_t type = 0;      ///< object id
  std::int32_t modifier = -1;  ///< length limits of text types: n + 4
  Format format = Format::text;
  DateWriting dates = DateWriting::iso;
};

class Mask {
 public:
  /// `secret`: hashes and tokens are keyed with what is derived from it.
  Mask(const MaskSettings& settings, const crypto::Key& secret);

  /// What is shown of a value that is not NULL. Nothing: NULL, the only thing that every type has.
  /// Types of which only a fixed value or NULL can be shown: see docs/operating/protection.md.
  std::optional<std::string> cover(const ValueForm& form, std::string_view value) const;

  const MaskSettings& settings() const { return settings_; }

 private:
  std::optional<std::string> covered(const ValueForm& form, const std::string& plain) const;
  std::string pseudonym(const ValueForm& form, std::string_view plain) const;

  MaskSettings settings_;
  crypto::Key key_;
};

/// `text` with all but the first and last characters replaced; all of it when no more than those would be left. UTF-8 characters count
/// as one; bytes that are no UTF-8 as one each.
std::string partly_covered(std::string_view text, std::size_t keep_first, std::size_t keep_last);
/// The same for digits, with zeros; signs, dashes and dots stay.
std::string partly_zeroed(std::string_view digits, std::size_t keep_first, std::size_t keep_last);

}  // namespace bulwark::database
