// A bounded part of JSON Schema (draft 2020-12) for tool arguments: type, enum, const, properties, required, additionalProperties,
// items, and the bounds of strings, numbers and arrays. A keyword that is not understood is an error: nothing is promised that is not
// checked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json/reader.h"

namespace bulwark::chat::tools {

class Schema {
 public:
  static constexpr std::size_t kMaxBytes = 64 * 1024;
  static constexpr std::size_t kMaxDepth = 16;

  /// Errors: config/invalid, naming the place and the keyword.
  static Result<Schema> compile(std::string_view json);
  ~Schema();
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;

  /// Empty if the value fits, else where and why: "$.to: longer than 40". Names of members are the schema's or the value's own.
  std::string objection(const json::Value& value) const;

 private:
  struct Node;
  struct Compiler;
  explicit Schema(std::unique_ptr<const Node> root);
  static std::string object_objection(const Node& node, const json::Value& value, const std::string& at);
  static std::string check(const Node& node, const json::Value& value, const std::string& at);
  static std::string scalar_objection(const Node& node, const json::Value& value);
  static std::string array_objection(const Node& node, const json::Value& value, const std::string& at);
  std::unique_ptr<const Node> root_;
};

}  // namespace bulwark::chat::tools
