// A schema and a value, one line each: what compiles says the same of a value as a twin that reads the schema anew at every step.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "chat/tools/schema.h"

using namespace bulwark;
using namespace bulwark::chat;

namespace {

std::string text_of(const json::Value& value) {
  std::string text;
  json::append(text, value);
  return text;
}

bool has_type(const json::Value& value, std::string_view type) {
  constexpr std::string_view kNames[] = {"null", "boolean", "number", "string", "array", "object"};
  return kNames[static_cast<std::size_t>(value.type())] == type || (type == "integer" && value.integer());
}

std::int64_t length(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

bool fits(const json::Value& schema, const json::Value& value);

/// One keyword by the words of its specification (JSON Schema validation, draft 2020-12, §6; core §10.3).
bool holds(const json::Value& schema, const json::Value& keyword, const json::Value& value) {
  const std::string_view name = keyword.name();
  const auto any = [&](const auto& test) {
    for (const json::Value& each : keyword)
      if (test(each)) return true;
    return false;
  };
  if (name == "type")
    return keyword.is(json::Type::string) ? has_type(value, keyword.string())
                                          : any([&](const json::Value& each) { return has_type(value, each.string()); });
  if (name == "const") return text_of(keyword) == text_of(value);
  if (name == "enum") return any([&](const json::Value& each) { return text_of(each) == text_of(value); });
  if (name == "required" && value.is(json::Type::object)) return !any([&](const json::Value& each) { return !value.find(each.string()); });
  if (name == "minimum" && value.is(json::Type::number)) return !(value.real().value_or(0) < keyword.real().value_or(0));
  if (name == "maximum" && value.is(json::Type::number)) return !(value.real().value_or(0) > keyword.real().value_or(0));
  if (name == "minLength" && value.is(json::Type::string)) return length(value.string()) >= keyword.integer().value_or(0);
  if (name == "maxLength" && value.is(json::Type::string)) return length(value.string()) <= keyword.integer().value_or(0);
  if (name == "minItems" && value.is(json::Type::array)) return static_cast<std::int64_t>(value.size()) >= keyword.integer().value_or(0);
  if (name == "maxItems" && value.is(json::Type::array)) return static_cast<std::int64_t>(value.size()) <= keyword.integer().value_or(0);
  if (name == "items" && value.is(json::Type::array)) {
    for (const json::Value& each : value)
      if (!fits(keyword, each)) return false;
  }
  if (name == "properties" || name == "additionalProperties") {
    if (!value.is(json::Type::object)) return true;
    const auto named = schema.find("properties");
    for (const json::Value& member : value) {
      const auto own = named ? named->find(member.name()) : std::nullopt;
      if (own.has_value() != (name == "properties")) continue;
      if (!fits(own ? *own : keyword, member)) return false;
    }
  }
  return true;
}

bool fits(const json::Value& schema, const json::Value& value) {
  if (schema.is(json::Type::boolean)) return schema.boolean();
  for (const json::Value& keyword : schema)
    if (!holds(schema, keyword, value)) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t border = text.find('\n');
  if (border == std::string_view::npos) return 0;
  const auto compiled = tools::Schema::compile(text.substr(0, border));
  const auto value = json::Document::parse(text.substr(border + 1));
  if (!compiled.ok() || !value.ok()) return 0;
  const auto schema = json::Document::parse(text.substr(0, border));
  if (compiled->objection(value->root()).empty() != fits(schema->root(), value->root())) abort();
  return 0;
}
