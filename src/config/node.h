// A YAML document as a plain tree that remembers line numbers. Strict: no anchors, aliases, tags, merge keys, duplicate keys
// or multiple documents; bounded in size, depth and count.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bulwark::config {

class Node {
 public:
  enum class Kind { null, scalar, sequence, map };

  static constexpr std::size_t kMaxBytes = 1024 * 1024;
  static constexpr std::size_t kMaxDepth = 16;
  static constexpr std::size_t kMaxNodes = 50'000;

  /// Errors: origin config, with the line.
  static Result<Node> parse(std::string_view yaml, std::string_view file);
  static Result<Node> load(const std::string& path);

  Kind kind() const { return kind_; }
  int line() const { return line_; }  ///< from 1
  const std::string& scalar() const { return scalar_; }
  bool quoted() const { return quoted_; }
  const std::vector<Node>& items() const { return items_; }
  const std::vector<std::pair<std::string, Node>>& entries() const { return entries_; }
  const Node* find(std::string_view key) const;
  /// The same values, wherever they stand.
  bool operator==(const Node& other) const;

 private:
  friend class TreeBuilder;
  Kind kind_ = Kind::null;
  int line_ = 0;
  bool quoted_ = false;
  std::string scalar_;
  std::vector<Node> items_;
  std::vector<std::pair<std::string, Node>> entries_;
};

}  // namespace bulwark::config
