// Personal data and credentials in an answer that stand nowhere in the request. A value is known only when it is whole, so a word
// waits until what follows it; that costs one token's time at most, and nothing for a text's first word if it looks like a
// sentence's.
#include <algorithm>
#include <array>
#include <cstdint>

#include "chat/output/guards.h"
#include "chat/pii/recogniser.h"

namespace bulwark::chat::output {

namespace {

constexpr std::array kPersonal = {pii::Kind::email, pii::Kind::card, pii::Kind::iban, pii::Kind::phone};
constexpr std::array kCredentials = {pii::Kind::secret};
constexpr std::size_t kMaxWord = 1'024;  // a longer run of characters without space is no address and no card
constexpr std::size_t kMaxGroups = 64;   // bytes of groups of digits and letters: an IBAN in groups of four has 42, a telephone number 54
constexpr std::string_view kPem = "-----BEGIN";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// What a value may consist of; the rest ends it.
bool is_value(char c) { return c > ' ' && c < 0x7f && std::string_view("\"'`<>[]{}|;,").find(c) == std::string_view::npos; }
/// Between the groups of a number, and before its extension or what it is called.
bool is_joint(char c) { return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')' || c == ','; }

/// "Hello", "Sure": a capital and small letters, nothing before it.
bool opens_a_sentence(std::string_view text, std::size_t begin) {
  if (begin != 0 || text.size() < 2 || text[0] < 'A' || text[0] > 'Z') return false;
  return std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// How many bytes before `at` may belong to a value: letters of alphabets have one or two, those of scripts without spaces three.
std::size_t value_before(std::string_view text, std::size_t at) {
  const auto c = static_cast<std::uint8_t>(text[at - 1]);
  if (c < 0x80) return is_value(text[at - 1]) ? 1 : 0;
  const bool two = at >= 2 && (c & 0xC0U) == 0x80 && (static_cast<std::uint8_t>(text[at - 2]) & 0xE0U) == 0xC0;
  return two ? 2 : 0;
}

/// Where the value begins that the end of the text may be in the middle of; the text's size if in none.
std::size_t unfinished_word(std::string_view text) {
  std::size_t at = text.size();
  while (at > 0 && text.size() - at < kMaxWord) {
    const std::size_t bytes = value_before(text, at);
    if (bytes == 0) break;
    at -= bytes;
  }
  return opens_a_sentence(text, at) ? text.size() : at;
}

/// Likewise for numbers in groups: back over groups with a digit, what may stand before their first and before an extension, and the
/// joints between them.
std::size_t unfinished_number(std::string_view text, std::size_t word) {
  std::size_t begin = word;
  std::size_t at = word;
  const auto goes_back = [&] { return at > 0 && text.size() - at < kMaxGroups; };
  while (goes_back() && is_joint(text[at - 1])) {
    while (goes_back() && is_joint(text[at - 1]))
      if (text[--at] == '(') begin = at;
    const std::size_t end = at;
    while (at > 0 && (is_digit(text[at - 1]) || is_letter(text[at - 1]) || text[at - 1] == '+')) --at;
    const std::string_view group = text.substr(at, end - at);
    if (group == "ext") continue;
    if (group != "+" && std::none_of(group.begin(), group.end(), is_digit)) break;
    begin = at;
  }
  return begin;
}

bool is_example(std::string_view address) {
  for (const std::string_view domain : {"example.com", "example.org", "example.net", ".example", ".invalid", ".test"})
    if (address.ends_with(domain)) return true;  // RFC 2606
  return false;
}

template <std::size_t n>
class Values final : public Guard {
 public:
  Values(const Question& question, const std::array<pii::Kind, n>& kinds) : question_(question), kinds_(kinds) {}

  void look(const Window& window, Sight& sight) const override {
    std::vector<pii::Span> spans;
    pii::recognise(window.text, pii::kFixedForms, spans);
    if (window.last) {
      if (const std::size_t key = open_key(window); key < window.text.size()) sight.hits.push_back({key, window.text.size(), "secret"});
    } else {
      const std::size_t word = unfinished_word(window.text);
      sight.hold_from(std::min(unfinished_number(window.text, word), open_key(window)));
      for (const pii::Span& span : spans)
        if (span.end > sight.hold) sight.hold_from(std::max(span.begin, window.from));
    }
    for (const pii::Span& span : spans)  // one that the next byte may still change is none yet
      if (span.end > window.from && (window.last || span.end <= sight.hold) && is_news(span, window.text))
        sight.hits.push_back(hit(span, window));
  }

 private:
  bool is_news(const pii::Span& span, std::string_view text) const {
    if (std::find(kinds_.begin(), kinds_.end(), span.kind) == kinds_.end()) return false;
    const std::string_view value = text.substr(span.begin, span.end - span.begin);
    if (question_.index != nullptr && question_.index->contains(value)) return false;
    if (question_.policy != nullptr && question_.policy->allows(span.kind, value)) return false;
    if (span.kind == pii::Kind::email && is_example(value)) return false;
    return !question_.brought(value);
  }

  /// Inside a JSON string an escape must go whole or not at all.
  static Hit hit(const pii::Span& span, const Window& window) {
    Hit hit{span.begin, span.end, pii::to_string(span.kind)};
    if (!window.escaped) return hit;
    const auto odd = [&](std::size_t end) {
      std::size_t slashes = 0;
      while (slashes < end && window.text[end - 1 - slashes] == '\\') ++slashes;
      return slashes % 2 == 1;
    };
    if (odd(hit.begin)) --hit.begin;
    if (odd(hit.end)) --hit.end;
    return hit;
  }

  /// Where a key in PEM begins that has not ended.
  std::size_t open_key(const Window& window) const {
    if (std::find(kinds_.begin(), kinds_.end(), pii::Kind::secret) == kinds_.end()) return window.text.size();
    const std::size_t begin = window.text.rfind(kPem);
    const bool open = begin != std::string_view::npos && begin >= window.from && window.text.find("PRIVATE KEY", begin) < begin + 40 &&
                      window.text.find("-----END", begin) == std::string_view::npos;
    return open ? begin : window.text.size();
  }

  const Question& question_;
  std::array<pii::Kind, n> kinds_;
};

}  // namespace

std::unique_ptr<Guard> make_personal(const Question& question) { return std::make_unique<Values<kPersonal.size()>>(question, kPersonal); }

std::unique_ptr<Guard> make_credentials(const Question& question) {
  return std::make_unique<Values<kCredentials.size()>>(question, kCredentials);
}

}  // namespace bulwark::chat::output
