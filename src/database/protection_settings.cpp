// The keys of `database.protection`, each with its meaning.
#include "database/protection_settings.h"

#include <algorithm>
#include <set>

#include "database/protection/value.h"

namespace bulwark::database {
namespace {

constexpr std::size_t kMaxRules = 10'000;
constexpr std::int64_t kMaxKept = 1'000;

std::string check_column(const std::string& column) {
  const auto dots = std::count(column.begin(), column.end(), '.');
  const bool odd = column.starts_with('.') || column.ends_with('.') || column.find("..") != std::string::npos ||
                   column.find_first_of("\t\n") != std::string::npos;
  return dots < 1 || dots > 2 || odd ? "column '" + column + "' is not table.column or schema.table.column" : "";
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

bool MaskSettings::covers(std::string_view role) const { return (roles.empty() || contains(roles, role)) && !contains(except_roles, role); }

bool ProtectionSettings::operator==(const ProtectionSettings& other) const {
  return catalogue_from.value == other.catalogue_from.value && databases == other.databases && refresh == other.refresh &&
         masks == other.masks && encrypt == other.encrypt && keys_file == other.keys_file && allow_views == other.allow_views &&
         allow_functions == other.allow_functions;
}

config::EnumNames<MaskKind> enum_names(MaskKind) {
  return {{{"full", MaskKind::full}, {"partial", MaskKind::partial}, {"hash", MaskKind::hash}, {"token", MaskKind::token}}};
}

config::EnumNames<FilterUse> enum_names(FilterUse) { return {{{"refuse", FilterUse::refuse}, {"allow", FilterUse::allow}}}; }

void describe(config::Object<MaskSettings>& o) {
  o.field(
      "column", &MaskSettings::column,
      {.help = "table.column, or schema.table.column; partitions and child tables follow.", .example = "users.email", .required = true});
  o.field("roles", &MaskSettings::roles, {.help = "From whom it is kept; empty: from all.", .example = "[support]"});
  o.field("except_roles", &MaskSettings::except_roles, {.help = "Who sees it all the same.", .example = "[billing]"});
  o.field(
      "mask", &MaskSettings::mask,
      {.help =
           "What is seen instead, of the same type: full a fixed value, partial the value with its middle covered, hash a keyed hash of "
           "this column, token a keyed hash that is equal in all columns of one domain. NULL stays NULL.",
       .example = "partial"});
  o.field("keep_first", &MaskSettings::keep_first,
          {.help = "Characters or digits at the beginning that partial leaves.", .example = "1", .min = 0, .max = kMaxKept});
  o.field("keep_last", &MaskSettings::keep_last,
          {.help = "Characters or digits at the end that partial leaves.", .example = "4", .min = 0, .max = kMaxKept});
  o.field("domain", &MaskSettings::domain,
          {.help = "Columns of one domain have equal tokens for equal values; empty: the column alone.", .example = "customer"});
  o.field("filter", &MaskSettings::filter,
          {.help = "Whether the role may compare with the column (WHERE, ON) and sort or group by it, from which values can be found out.",
           .example = "refuse"});
  o.check([](const MaskSettings& s) { return check_column(s.column); });
}

config::EnumNames<SealedType> enum_names(SealedType) {
  return {{{"text", SealedType::text},
           {"integer", SealedType::integer},
           {"bigint", SealedType::bigint},
           {"uuid", SealedType::uuid},
           {"date", SealedType::date},
           {"json", SealedType::json}}};
}

std::uint32_t type_oid_of(SealedType type) {
  switch (type) {
    case SealedType::integer: return type_oid::kInt4;
    case SealedType::bigint: return type_oid::kInt8;
    case SealedType::uuid: return type_oid::kUuid;
    case SealedType::date: return type_oid::kDate;
    case SealedType::json: return type_oid::kJson;
    case SealedType::text: break;
  }
  return type_oid::kText;
}

void describe(config::Object<EncryptSettings>& o) {
  o.field("column", &EncryptSettings::column,
          {.help = "table.column, or schema.table.column: a column of type bytea. Its keys go by this name.",
           .example = "users.ssn",
           .required = true});
  o.field("type", &EncryptSettings::type, {.help = "The type that clients see and send.", .example = "text"});
  o.field("lookup", &EncryptSettings::lookup,
          {.help = "Store a blind index with each value, so that it can be found by =; it shows which rows have equal values.",
           .example = "true"});
  o.field(
      "plaintext", &EncryptSettings::plaintext,
      {.help = "While `bulwark db encrypt-column` works: values that are not encrypted yet are read and found as they are; new ones are "
               "encrypted once the column is of type bytea. Take it away afterwards, or whoever writes to the table can plant values.",
       .example = "false"});
  o.check([](const EncryptSettings& s) { return check_column(s.column); });
}

void describe(config::Object<ProtectionSettings>& o) {
  o.field("catalogue_from", &ProtectionSettings::catalogue_from,
          {.help = "A connection URL for reading the catalogue: which table a name means, which columns it has. Empty: verifiers_from.",
           .example = "env:BULWARK_CATALOGUE_FROM"});
  o.field("databases", &ProtectionSettings::databases,
          {.help = "Databases that the rules hold in; in others the roles they name can do nothing. Empty: the one of the URL.",
           .example = "[app]"});
  o.field("refresh", &ProtectionSettings::refresh,
          {.help = "How often the catalogue is read again. A definition that passes the gateway has it read at once.",
           .example = "5s",
           .min = 100,
           .max = 3'600'000});
  o.field("masks", &ProtectionSettings::masks,
          {.help = "Columns that roles see only covered. The first that fits column and role counts."});
  o.field("encrypt", &ProtectionSettings::encrypt,
          {.help = "Columns that PostgreSQL stores sealed; clients neither see nor do anything of it."});
  o.field("keys_file", &ProtectionSettings::keys_file,
          {.help = "The wrapped keys of these columns; empty: column-keys in the data directory. Who loses it loses the columns.",
           .example = "/var/lib/bulwark/column-keys"});
  o.field("allow_views", &ProtectionSettings::allow_views,
          {.help = "Views over tables with covered columns that these roles may read all the same: nothing in them is covered.",
           .example = "[user_names]"});
  o.field("allow_functions", &ProtectionSettings::allow_functions,
          {.help = "Functions of your own that these roles may call: what they return is not covered.", .example = "[search_products]"});
  o.check([](const ProtectionSettings& s) -> std::string {
    std::set<std::string> encrypted;
    for (const auto& each : s.encrypt)
      if (!encrypted.insert(each.column).second) return "column '" + each.column + "' is encrypted twice";
    return s.masks.size() + s.encrypt.size() > kMaxRules ? "more than " + std::to_string(kMaxRules) + " rules" : "";
  });
}

}  // namespace bulwark::database
