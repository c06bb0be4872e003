// The canary token in an answer, as it is or as models hand out what they must not: reversed, in hex, in base64, letter by letter.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/hex.h"
#include "chat/output/guards.h"

namespace bulwark::chat::output {

namespace {

constexpr std::string_view kWhat = "canary";

/// The characters of the text's base64 that do not depend on what stands around it, when it begins `shift` bytes into a group.
std::string base64_core(std::string_view text, std::size_t shift) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t skipped = shift == 0 ? 0 : 3 - shift;
  std::string out;
  for (std::size_t at = skipped; at + 3 <= text.size(); at += 3) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[at + i])); };
    const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
    for (const unsigned by : {18U, 12U, 6U, 0U}) out.push_back(kLetters[group >> by & 63U]);
  }
  return out;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
bool is_alnum(char c) { return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z'); }

class Canary final : public Guard {
 public:
  explicit Canary(std::string_view token) : token_(token) {
    needles_ = {token_, std::string(token_.rbegin(), token_.rend()), to_hex(token_)};
    for (std::size_t shift = 0; shift < 3; ++shift) exact_.push_back(base64_core(token_, shift));
  }

  void look(const Window& window, Sight& sight) const override {
    std::string folded(window.text);
    std::transform(folded.begin(), folded.end(), folded.begin(), lower);
    for (const std::string& needle : needles_) search(folded, needle, window, sight);
    for (const std::string& needle : exact_) search(window.text, needle, window, sight);
    if (sight.hits.empty()) search_spelled(folded, sight);
  }

 private:
  static void search(std::string_view text, std::string_view needle, const Window& window, Sight& sight) {
    for (std::size_t at = text.find(needle); at != std::string_view::npos; at = text.find(needle, at + needle.size()))
      sight.hits.push_back({at, at + needle.size(), kWhat});
    if (window.last) return;
    for (std::size_t size = std::min(needle.size() - 1, text.size()); size > 0; --size)
      if (text.ends_with(needle.substr(0, size))) return sight.hold_from(text.size() - size);
  }

  /// Letters and digits only: "b-w-k 1 2". Seen once it is whole.
  void search_spelled(std::string_view folded, Sight& sight) const {
    std::string plain;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < folded.size(); ++i)
      if (is_alnum(folded[i])) {
        plain.push_back(folded[i]);
        places.push_back(i);
      }
    const std::size_t at = plain.find(token_);
    if (at != std::string::npos) sight.hits.push_back({places[at], places[at + token_.size() - 1] + 1, kWhat});
  }

  std::string token_;
  std::vector<std::string> needles_;  ///< lower case
  std::vector<std::string> exact_;
};

}  // namespace

std::unique_ptr<Guard> make_canary(const Question& question) {
  return question.canary.empty() ? nullptr : std::make_unique<Canary>(question.canary);
}

}  // namespace bulwark::chat::output
