// Walks a parsed document and refuses repeated names.
#include "identity/strict_json.h"

#include <algorithm>
#include <vector>

namespace bulwark::identity {
namespace {

// Depth is bounded by the reader's limit.
bool names_are_unique(const json::Value& value) {
  std::vector<std::string_view> names;
  const bool object = value.is(json::Type::object);
  if (!object && !value.is(json::Type::array)) return true;
  for (const auto each : value) {
    if (object) names.push_back(each.name());
    if (!names_are_unique(each)) return false;
  }
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) == names.end();
}

}  // namespace

Result<json::Document> parse_strict_object(std::string_view text, const json::ReadLimits& limits) {
  auto document = TRY(json::Document::parse(text, limits));
  if (!document.root().is(json::Type::object)) return client_error(Code::invalid, "JSON that is not an object");
  if (!names_are_unique(document.root())) return client_error(Code::invalid, "a JSON object with a repeated name");
  return document;
}

}  // namespace bulwark::identity
