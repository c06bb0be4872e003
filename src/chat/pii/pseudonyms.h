// Surrogates for personal data: of the same kind and shape, the same for the same value throughout a conversation, drawn from
// ranges that no real person has, and never derivable without the conversation's key.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/pii/kind.h"
#include "chat/pii/surrogate_index.h"

namespace bulwark::chat::pii {

using Key = std::array<std::uint8_t, 32>;

/// BLAKE2b-256 keyed with `key` over `context` and `data`, lengths included.
Key derive(const Key& key, std::string_view context, std::string_view data);

/// One exchange's surrogates. Not thread-safe.
class Pseudonyms {
 public:
  static constexpr std::size_t kMaxValues = 2000;
  static constexpr std::size_t kMaxBytes = 256 * 1024;  ///< of all values together

  explicit Pseudonyms(const Key& conversation_key) : key_(conversation_key) {}

  /// The surrogate of `value` as it is written, made on first use. Errors, origin client: `too_large` past kMaxValues or kMaxBytes.
  /// The view lives as long as this object.
  Result<std::string_view> of(Kind kind, std::string_view value);
  const SurrogateIndex& index() const { return index_; }
  std::size_t size() const { return size_; }

 private:
  std::string make(Kind kind, std::string_view value, std::string_view canonical, unsigned attempt) const;

  /// Ties surrogate and value together; false if the surrogate belongs to another value.
  bool claim(std::string_view surrogate, std::string_view value);

  Key key_;
  std::array<std::map<std::string, std::string, std::less<>>, kKinds> surrogates_;  ///< by kind, then value as written
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  SurrogateIndex index_;
};

}  // namespace bulwark::chat::pii
