// Which surrogates are alive in an exchange and what each stands for: a trie, so that a stream can be searched as it comes and
// only a proper prefix of a live surrogate ever has to wait. Compares ASCII letters without case, since models change it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::chat::pii {

class SurrogateIndex {
 public:
  SurrogateIndex() { roots_.fill(kNone); }

  /// False: that surrogate (in any case) is taken already, nothing was changed.
  bool add(std::string_view surrogate, std::string_view original);
  bool contains(std::string_view surrogate) const;
  bool empty() const { return originals_.empty(); }

  struct Match {
    std::size_t length = 0;  ///< bytes of the text that are a surrogate; 0: none begins here
    bool undecided = false;  ///< the text ended inside a live surrogate: more text may make a (longer) match
    std::string_view original;
  };
  /// The longest surrogate that begins at text[0].
  Match match(std::string_view text) const;
  /// Whether any surrogate begins with that byte.
  bool may_begin(char c) const { return roots_[fold(c)] != kNone; }

 private:
  static constexpr std::uint32_t kNone = ~0U;
  struct Node {
    std::uint32_t child = kNone;
    std::uint32_t sibling = kNone;
    std::uint32_t original = kNone;
    std::uint8_t byte = 0;
  };
  static std::uint8_t fold(char c) { return static_cast<std::uint8_t>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }
  std::uint32_t find_child(std::uint32_t first, std::uint8_t byte) const;

  std::array<std::uint32_t, 256> roots_;
  std::vector<Node> nodes_;
  std::vector<std::string> originals_;
};

/// How an original is written where its surrogate stood.
enum class Escape : std::uint8_t { none, json };

/// Puts originals back into one text that comes in pieces. The concatenated output is the same for every split into pieces.
class Restorer {
 public:
  explicit Restorer(Escape escape = Escape::none) : escape_(escape) {}
  /// Appends to `out` what is certain; with `last`, everything.
  void feed(const SurrogateIndex& index, std::string_view text, bool last, std::string& out);
  /// Text that waits: a proper prefix of a live surrogate, or empty.
  std::string_view pending() const { return pending_; }

 private:
  Escape escape_;
  std::string pending_;
};

/// One whole text.
std::string restore(const SurrogateIndex& index, std::string_view text, Escape escape = Escape::none);

}  // namespace bulwark::chat::pii
