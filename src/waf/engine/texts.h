// Every value that rules look at in one transaction, with what was learned of it: each transformation is applied once, each
// distinct result is scanned once, however many rules ask.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waf/bodies/arguments.h"
#include "waf/prefilter/prefilter.h"
#include "waf/transforms/transform.h"

namespace bulwark::waf {

using TextId = std::uint32_t;  ///< 0: none

class Texts {
 public:
  explicit Texts(TextArena& arena) : arena_(&arena) { clear(nullptr, nullptr); }

  /// Forgets all texts. `prefilter` is the one traits() uses from here on, `map` what t:urlDecodeUni does; both may be nullptr.
  void clear(const Prefilter* prefilter, const UnicodeMap* map);

  TextId add(std::string_view bytes);
  TextId transformed(TextId text, const std::vector<Transform>& chain);
  TextId transformed(TextId text, Transform transform);
  std::string_view bytes(TextId text) const { return nodes_[text].bytes; }
  /// The bytes that occur in it.
  const ByteSet& present(TextId text);
  /// Valid until the next call of a non-const member.
  Traits traits(TextId text);
  /// False: operator `filter` of the prefilter cannot match it.
  bool possible(TextId text, std::uint32_t filter) {
    if (!nodes_[text].scanned) scan(text);
    const Node& node = nodes_[text];
    return prefilter_->possible(filter, node.bytes.size(), node.present, bits_.data() + node.bits);
  }
  const Prefilter* prefilter() const { return prefilter_; }
  std::size_t words() const { return prefilter_ == nullptr ? 0 : prefilter_->words(); }  ///< of Traits::candidates

 private:
  struct Node {
    std::string_view bytes;
    ByteSet present;
    bool has_present = false;
    bool scanned = false;
    std::uint32_t bits = 0;                         ///< offset into bits_
    std::array<TextId, kTransformCount> results{};  ///< 0: not applied yet
  };
  void scan(TextId text);

  TextArena* arena_;
  const Prefilter* prefilter_ = nullptr;
  const UnicodeMap* map_ = nullptr;
  std::vector<Node> nodes_;
  std::vector<std::uint64_t> bits_;
  std::string scratch_;
};

}  // namespace bulwark::waf
