// Reads JSON (RFC 8259) into a small immutable tree, bounded in size, depth and number of values. simdjson does the parsing
// and stays behind the .cpp; numbers keep their text, so that nothing is lost when a value is written back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::json {

struct ReadLimits {
  std::size_t max_bytes = 16 * 1024 * 1024;
  std::size_t max_depth = 60;  ///< below Writer::kMaxDepth, so that what was read can be written
  std::size_t max_values = 1'000'000;
};

enum class Type : std::uint8_t { null, boolean, number, string, array, object };

class Document;
namespace detail {
struct Cell;
}

/// A value inside a Document; cheap to copy, valid as long as the document. Asking for the wrong type gives an empty answer.
class Value {
 public:
  Type type() const;
  bool is(Type wanted) const { return type() == wanted; }
  bool boolean() const;                         ///< false unless a boolean that is true
  std::string_view string() const;              ///< unescaped UTF-8; empty unless a string
  std::string_view number_text() const;         ///< in minimal form: "42", "-1.5"
  std::optional<std::int64_t> integer() const;  ///< a number without fraction that fits
  std::optional<double> real() const;

  std::size_t size() const;  ///< of an array or object, else 0
  /// Iterates the elements of an array, or the members of an object (name() is then its key).
  class Iterator;
  Iterator begin() const;
  Iterator end() const;
  std::string_view name() const;  ///< the key, when this is an object's member

  /// The first member of that name; nullopt if there is none or this is no object.
  std::optional<Value> find(std::string_view key) const;
  /// A string member's text, or empty.
  std::string_view text(std::string_view key) const;

 private:
  friend class Document;
  explicit Value(const detail::Cell* cell) : cell_(cell) {}
  const detail::Cell* cell_;
};

class Value::Iterator {
 public:
  Value operator*() const { return Value(cell_); }
  Iterator& operator++();
  bool operator!=(const Iterator& other) const { return left_ != other.left_; }

 private:
  friend class Value;
  Iterator(const detail::Cell* cell, std::uint32_t left) : cell_(cell), left_(left) {}
  const detail::Cell* cell_;
  std::uint32_t left_;
};

class Document {
 public:
  /// Errors, origin client: `too_large` past a limit, `invalid` for anything that is not JSON in UTF-8.
  /// Duplicate keys are kept in order; find() gives the first.
  static Result<Document> parse(std::string_view json, const ReadLimits& limits = {});
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  Value root() const;

 private:
  Document();
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

/// Re-emits a value compactly.
void append(std::string& out, const Value& value);

}  // namespace bulwark::json
