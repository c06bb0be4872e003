// Writes a JSON document anew while a rewriter looks at each text in it. What reaches the model is what was written here, never
// the client's bytes: two parsers cannot disagree about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::chat {

/// Where a value stands, from the root. Arrays count by position.
struct Path {
  struct Step {
    std::string_view key;      ///< of an object's member
    std::size_t position = 0;  ///< in an array, when key.data() is null
  };
  std::vector<Step> steps;

  /// The nearest member's name: of the value itself, or of the array that holds it.
  std::string_view key() const {
    for (auto step = steps.rbegin(); step != steps.rend(); ++step)
      if (step->key.data() != nullptr) return step->key;
    return {};
  }
};

class Rewriter {
 public:
  virtual ~Rewriter() = default;
  /// True: `out` got what stands for the text. False: it stays. Also called for member names (`is_name`).
  virtual Result<bool> text(const Path& path, std::string_view value, bool is_name, std::string& out) = 0;
  /// As above for a number's digits; what is appended must be a number.
  virtual Result<bool> number(std::string_view digits, std::string& out) {
    (void)digits, (void)out;
    return false;
  }
  /// True: the member is written as null.
  virtual bool drops(const Path& path, const json::Value& value) {
    (void)path, (void)value;
    return false;
  }
};

/// Errors: origin client, `invalid`, when an object has a key twice: readers disagree on which one counts.
/// The document's depth limit must be below json::Writer::kMaxDepth.
Result<void> transcribe(const json::Value& root, Rewriter& rewriter, json::Writer& writer);

}  // namespace bulwark::chat
