// The settings of what is kept from roles: which columns, from whom, and what they see instead.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"

namespace bulwark::database {

enum class MaskKind : std::uint8_t { full, partial, hash, token };
config::EnumNames<MaskKind> enum_names(MaskKind);

enum class FilterUse : std::uint8_t { refuse, allow };
config::EnumNames<FilterUse> enum_names(FilterUse);

struct MaskSettings {
  std::string column;                     ///< "users.email" or "public.users.email"
  std::vector<std::string> roles;         ///< empty: all
  std::vector<std::string> except_roles;  ///< stronger than `roles`
  MaskKind mask = MaskKind::full;
  std::size_t keep_first = 0;
  std::size_t keep_last = 4;
  std::string domain;  ///< of tokens; empty: the column's own
  FilterUse filter = FilterUse::refuse;

  bool covers(std::string_view role) const;
  bool operator==(const MaskSettings&) const = default;
};
void describe(config::Object<MaskSettings>& o);

/// What clients see of an encrypted column, which is stored as bytea.
enum class SealedType : std::uint8_t { text, integer, bigint, uuid, date, json };
config::EnumNames<SealedType> enum_names(SealedType);
std::uint32_t type_oid_of(SealedType type);

struct EncryptSettings {
  std::string column;
  SealedType type = SealedType::text;
  bool lookup = true;
  bool plaintext = false;  ///< some of what is stored is not encrypted yet
  bool operator==(const EncryptSettings&) const = default;
};
void describe(config::Object<EncryptSettings>& o);

struct ProtectionSettings {
  config::Secret catalogue_from;       ///< empty: the settings' verifiers_from
  std::vector<std::string> databases;  ///< empty: the one that the URL names
  std::chrono::milliseconds refresh{5'000};
  std::vector<MaskSettings> masks;
  std::vector<EncryptSettings> encrypt;
  std::string keys_file;  ///< empty: the composition root puts it into the data directory
  std::vector<std::string> allow_views;
  std::vector<std::string> allow_functions;

  bool any() const { return !masks.empty() || !encrypt.empty(); }
  bool operator==(const ProtectionSettings& other) const;
};
void describe(config::Object<ProtectionSettings>& o);

}  // namespace bulwark::database
