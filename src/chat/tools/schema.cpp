// Compiled once into a tree of nodes; checking walks schema and value together.
#include "chat/tools/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/utf8.h"

namespace bulwark::chat::tools {

struct Schema::Node {
  bool never = false;                               ///< the schema `false`
  std::vector<std::string> types;                   ///< empty: any
  std::optional<std::vector<std::string>> choices;  ///< enum, as JSON text
  std::optional<std::string> constant;              ///< likewise
  std::map<std::string, std::unique_ptr<const Node>, std::less<>> properties;
  std::vector<std::string> required;
  std::unique_ptr<const Node> others;  ///< additionalProperties; nullptr: anything
  std::unique_ptr<const Node> items;
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::optional<std::int64_t> min_length;
  std::optional<std::int64_t> max_length;
  std::optional<std::int64_t> min_items;
  std::optional<std::int64_t> max_items;
};

namespace {

std::string text_of(const json::Value& value) {
  std::string text;
  json::append(text, value);
  return text;
}

std::int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

bool is_type(const json::Value& value, std::string_view type) {
  switch (value.type()) {
    case json::Type::null: return type == "null";
    case json::Type::boolean: return type == "boolean";
    case json::Type::string: return type == "string";
    case json::Type::array: return type == "array";
    case json::Type::object: return type == "object";
    case json::Type::number: return type == "number" || (type == "integer" && value.integer().has_value());
  }
  return false;
}

}  // namespace

struct Schema::Compiler {
  using Made = Result<std::unique_ptr<const Node>>;

  static Error wrong(const std::string& at, std::string_view what) { return config_error(fmt::format("schema {}: {}", at, what)); }

  static Made node(const json::Value& value, const std::string& at, std::size_t depth) {
    auto made = std::make_unique<Node>();
    if (value.is(json::Type::boolean)) {
      made->never = !value.boolean();
      return Made(std::move(made));
    }
    if (!value.is(json::Type::object)) return wrong(at, "is neither an object nor true or false");
    if (depth == kMaxDepth) return wrong(at, "is nested too deeply");
    std::set<std::string_view> seen;
    for (const json::Value& member : value) {
      if (!seen.insert(member.name()).second) return wrong(at, fmt::format("has '{}' twice", member.name()));
      TRY(keyword(*made, member, at, depth));
    }
    return Made(std::move(made));
  }

  static Result<void> keyword(Node& made, const json::Value& value, const std::string& at, std::size_t depth) {
    const std::string_view name = value.name();
    for (const std::string_view note : {"$schema", "$id", "$comment", "title", "description", "default", "examples"})
      if (name == note) return {};
    if (name == "type") return types(value, at, made);
    if (name == "required") return required(value, at, made);
    if (name == "enum") return choices(value, at, made);
    if (name == "const") {
      made.constant = text_of(value);
      return {};
    }
    if (name == "properties") return properties(made, value, at, depth);
    if (name == "additionalProperties") return child(made.others, value, at + ".additionalProperties", depth);
    if (name == "items") return child(made.items, value, at + "[]", depth);
    if (name == "minimum") return bound(made.minimum, value.real(), at, name);
    if (name == "maximum") return bound(made.maximum, value.real(), at, name);
    if (name == "minLength") return bound(made.min_length, value.integer(), at, name);
    if (name == "maxLength") return bound(made.max_length, value.integer(), at, name);
    if (name == "minItems") return bound(made.min_items, value.integer(), at, name);
    if (name == "maxItems") return bound(made.max_items, value.integer(), at, name);
    return wrong(at, fmt::format("the keyword '{}' is not supported", name));
  }

  static Result<void> child(std::unique_ptr<const Node>& out, const json::Value& value, const std::string& at, std::size_t depth) {
    out = TRY(node(value, at, depth + 1));
    return {};
  }

  static Result<void> properties(Node& made, const json::Value& value, const std::string& at, std::size_t depth) {
    if (!value.is(json::Type::object)) return wrong(at, "'properties' is no object");
    for (const json::Value& member : value) {
      auto& place = made.properties[std::string(member.name())];
      if (place != nullptr) return wrong(at, fmt::format("has the property '{}' twice", member.name()));
      TRY(child(place, member, at + "." + std::string(member.name()), depth));
    }
    return {};
  }

  static Result<void> type(const json::Value& value, const std::string& at, Node& made) {
    constexpr std::array<std::string_view, 7> kTypes = {"null", "boolean", "number", "integer", "string", "array", "object"};
    if (std::find(kTypes.begin(), kTypes.end(), value.string()) == kTypes.end()) return wrong(at, "'type' names no type");
    made.types.emplace_back(value.string());
    return {};
  }

  static Result<void> types(const json::Value& value, const std::string& at, Node& made) {
    if (!value.is(json::Type::array)) return type(value, at, made);
    if (value.size() == 0) return wrong(at, "'type' names no type");
    for (const json::Value& each : value) TRY(type(each, at, made));
    return {};
  }

  static Result<void> required(const json::Value& value, const std::string& at, Node& made) {
    if (!value.is(json::Type::array)) return wrong(at, "'required' is no list of names");
    for (const json::Value& each : value) {
      if (!each.is(json::Type::string)) return wrong(at, "'required' is no list of names");
      made.required.emplace_back(each.string());
    }
    return {};
  }

  static Result<void> choices(const json::Value& value, const std::string& at, Node& made) {
    if (!value.is(json::Type::array)) return wrong(at, "'enum' is no list");
    made.choices.emplace();
    for (const json::Value& each : value) made.choices->push_back(text_of(each));
    return {};
  }

  template <class T>
  static Result<void> bound(std::optional<T>& out, std::optional<T> value, const std::string& at, std::string_view name) {
    if (!value) return wrong(at, fmt::format("'{}' is no number", name));
    out = value;
    return {};
  }
};

Schema::Schema(std::unique_ptr<const Node> root) : root_(std::move(root)) {}
Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

Result<Schema> Schema::compile(std::string_view json) {
  const auto document = json::Document::parse(json, {.max_bytes = kMaxBytes});
  if (!document.ok()) return config_error("schema: " + document.error().message);
  return Schema(TRY(Compiler::node(document->root(), "$", 0)));
}

std::string Schema::objection(const json::Value& value) const { return check(*root_, value, "$"); }

std::string Schema::check(const Node& node, const json::Value& value, const std::string& at) {
  if (node.never) return at + ": is not allowed";
  if (!node.types.empty() && std::none_of(node.types.begin(), node.types.end(), [&](const auto& type) { return is_type(value, type); }))
    return at + ": is of another type";
  if (node.constant && *node.constant != text_of(value)) return at + ": is none of the values allowed";
  if (node.choices && std::find(node.choices->begin(), node.choices->end(), text_of(value)) == node.choices->end())
    return at + ": is none of the values allowed";
  if (std::string why = scalar_objection(node, value); !why.empty()) return at + ": " + why;
  if (value.is(json::Type::array)) return array_objection(node, value, at);
  if (value.is(json::Type::object)) return object_objection(node, value, at);
  return {};
}

std::string Schema::scalar_objection(const Node& node, const json::Value& value) {
  if (value.is(json::Type::number)) {
    const double number = value.real().value_or(0);
    if (node.minimum && number < *node.minimum) return fmt::format("less than {}", *node.minimum);
    if (node.maximum && number > *node.maximum) return fmt::format("more than {}", *node.maximum);
  }
  if (value.is(json::Type::string)) {
    const std::int64_t length = characters(value.string());
    if (node.min_length && length < *node.min_length) return fmt::format("shorter than {}", *node.min_length);
    if (node.max_length && length > *node.max_length) return fmt::format("longer than {}", *node.max_length);
  }
  return {};
}

std::string Schema::array_objection(const Node& node, const json::Value& value, const std::string& at) {
  const auto size = static_cast<std::int64_t>(value.size());
  if (node.min_items && size < *node.min_items) return fmt::format("{}: has fewer than {} items", at, *node.min_items);
  if (node.max_items && size > *node.max_items) return fmt::format("{}: has more than {} items", at, *node.max_items);
  if (!node.items) return {};
  std::size_t index = 0;
  for (const json::Value& each : value)
    if (std::string why = check(*node.items, each, fmt::format("{}[{}]", at, index++)); !why.empty()) return why;
  return {};
}

std::string Schema::object_objection(const Node& node, const json::Value& value, const std::string& at) {
  for (const std::string& name : node.required)
    if (!value.find(name)) return fmt::format("{}: lacks '{}'", at, name);
  for (const json::Value& member : value) {
    const auto known = node.properties.find(member.name());
    const Node* const wanted = known != node.properties.end() ? known->second.get() : node.others.get();
    if (wanted == nullptr) continue;
    const std::string place = fmt::format("{}.{}", at, known != node.properties.end() ? member.name() : "*");
    if (std::string why = check(*wanted, member, place); !why.empty()) return why;
  }
  return {};
}

}  // namespace bulwark::chat::tools
