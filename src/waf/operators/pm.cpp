// @pm and @pmFromFile: whether any of a list of phrases occurs, in any case.
#include <algorithm>
#include <sstream>

#include "waf/operators/aho_corasick.h"
#include "waf/operators/factories.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf::operators {
namespace {

class Phrases final : public Operator {
 public:
  Phrases(const Request& request, std::vector<std::string> phrases, AhoCorasick automaton)
      : Operator(request.name, request.argument, false), phrases_(std::move(phrases)), automaton_(std::move(automaton)) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    const auto found = automaton_.find_first(value);
    if (!found) return false;
    context.matched = value.substr(found.begin, found.end - found.begin);
    if (context.want_captures) context.capture(0, context.matched);
    return true;
  }

  LiteralSource literals() const override { return {LiteralSource::Kind::phrases, {}, 0, phrases_}; }

 private:
  std::vector<std::string> phrases_;
  AhoCorasick automaton_;
};

Made make(const Request& request, std::vector<std::string> phrases) {
  std::erase_if(phrases, [](const std::string& phrase) { return phrase.empty(); });
  auto automaton = AhoCorasick::build(phrases);
  if (!automaton.ok()) return automaton.error();
  return Made(std::make_unique<const Phrases>(request, std::move(phrases), std::move(*automaton)));
}

/// Writes the bytes of `|41 42|` for it, as Snort's content syntax has it.
Result<std::string> with_hex_bytes(const Request& request) {
  std::string out;
  bool hex = false;
  const std::string& text = request.argument;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '|') {
      hex = !hex;
    } else if (!hex) {
      out.push_back(text[i]);
    } else if (text[i] != ' ') {
      if (i + 1 >= text.size() || !is_hex(text[i]) || !is_hex(text[i + 1])) return config_error("@pm: invalid byte between bars");
      out.push_back(hex_byte(text[i], text[i + 1]));
      ++i;
    }
  }
  if (hex) return config_error("@pm: a bar is not closed");
  return out;
}

bool is_comment(std::string_view line) {
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  return line.starts_with('#');
}

}  // namespace

Made pm(const Request& request) {
  std::istringstream words(TRY(with_hex_bytes(request)));
  std::vector<std::string> phrases;
  for (std::string word; words >> word;) phrases.push_back(word);
  return make(request, std::move(phrases));
}

Made pm_from_file(const Request& request) {
  std::istringstream lines(TRY(read_rule_data(request)));
  std::vector<std::string> phrases;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!is_comment(line)) phrases.push_back(line);
  }
  return make(request, std::move(phrases));
}

}  // namespace bulwark::waf::operators
