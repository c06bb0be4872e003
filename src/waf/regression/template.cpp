// The part of Go's text/template, with the functions of its library sprig, that test data is written with: one pipeline in each
// {{ … }}, made of literals and calls.
#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "waf/regression/suite.h"
#include "waf/seclang/text.h"
#include "waf/transforms/transform.h"

namespace bulwark::waf::regression {
namespace {

using Words = std::vector<std::string>;  ///< literals without their quotes

std::optional<std::string> called(const std::string& name, const Words& arguments) {
  std::string out;
  if (name == "repeat" && arguments.size() == 2) {
    std::size_t times = 0;
    const std::string& digits = arguments[0];
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), times);
    if (status != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    for (std::size_t i = 0; i < times && out.size() < kMaxExpanded && !arguments[1].empty(); ++i) out += arguments[1];
    return out;
  }
  if (arguments.size() != 1) return std::nullopt;
  if (name == "lower") return lower(arguments[0]);
  if (name == "upper") {
    for (const char c : arguments[0]) out.push_back(upper(c));
    return out;
  }
  if (name == "b64enc") return apply(Transform::base64_encode, arguments[0], out) ? out : arguments[0];
  return std::nullopt;
}

/// The inside of one {{ … }}.
class Pipeline {
 public:
  explicit Pipeline(std::string_view text) : text_(text) {}

  std::optional<std::string> run() {
    std::optional<std::string> value;
    while (true) {
      bool literal = false;
      auto first = word(literal);
      if (!first) return std::nullopt;
      Words arguments;
      while (skip_space(), at_ < text_.size() && text_[at_] != '|') {
        bool ignored = false;
        auto next = word(ignored);
        if (!next) return std::nullopt;
        arguments.push_back(std::move(*next));
      }
      if (literal) {
        if (value || !arguments.empty()) return std::nullopt;
        value = std::move(first);
      } else {
        if (value) arguments.push_back(std::move(*value));  // a bar hands over the last argument
        value = called(*first, arguments);
        if (!value) return std::nullopt;
      }
      if (at_ == text_.size()) return value;
      ++at_;
    }
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  std::optional<std::string> word(bool& literal) {
    skip_space();
    if (at_ == text_.size() || text_[at_] == '|') return std::nullopt;
    const char quote = text_[at_];
    literal = quote == '"' || quote == '`';
    std::string out;
    if (!literal) {
      while (at_ < text_.size() && text_[at_] != ' ' && text_[at_] != '|') out.push_back(text_[at_++]);
      return out;
    }
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size()) {
        const char letter = text_[++at_];
        out.push_back(letter == 'n' ? '\n' : letter == 'r' ? '\r' : letter == 't' ? '\t' : letter);
      } else {
        out.push_back(text_[at_]);
      }
    }
    if (at_ == text_.size()) return std::nullopt;
    ++at_;
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Where the }} of the {{ before `from` is; quotes hide it.
std::size_t close_of(const std::string& text, std::size_t from) {
  char quote = 0;
  for (std::size_t i = from; i + 1 < text.size(); ++i) {
    if (quote != 0) {
      if (quote == '"' && text[i] == '\\')
        ++i;
      else if (text[i] == quote)
        quote = 0;
    } else if (text[i] == '"' || text[i] == '`') {
      quote = text[i];
    } else if (text[i] == '}' && text[i + 1] == '}') {
      return i;
    }
  }
  return std::string::npos;
}

}  // namespace

std::string expand_template(const std::string& text) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t open = text.find("{{"); open != std::string::npos; open = text.find("{{", from)) {
    const std::size_t close = close_of(text, open + 2);
    if (close == std::string::npos) break;
    const auto value = Pipeline(std::string_view(text).substr(open + 2, close - open - 2)).run();
    if (!value) return text;  // not meant as a template
    out.append(text, from, open - from).append(*value);
    from = close + 2;
    if (out.size() >= kMaxExpanded) return out.substr(0, kMaxExpanded);
  }
  return out.append(text, from, std::string::npos);
}

}  // namespace bulwark::waf::regression
