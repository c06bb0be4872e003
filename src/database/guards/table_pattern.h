// How settings name tables.
#pragma once

#include <string_view>

namespace bulwark::database {

/// "orders", "sales.orders", "sales.*" or "*". A table without a schema may be "sales.orders": what the search path finds is not known
/// here. That it is one of "sales.*" is not taken for granted, or every table would be.
inline bool may_be(std::string_view pattern, std::string_view schema, std::string_view name) {
  if (pattern == "*") return true;
  const auto dot = pattern.find('.');
  if (dot == std::string_view::npos) return pattern == name;
  const std::string_view table = pattern.substr(dot + 1);
  const bool in_schema = pattern.substr(0, dot) == schema;
  return table == "*" ? in_schema : table == name && (in_schema || schema.empty());
}

}  // namespace bulwark::database
