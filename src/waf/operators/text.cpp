// Operators that compare the value with a text: @contains, @containsWord, @beginsWith, @endsWith, @within, @streq, @strmatch.
// All are case-sensitive and take macros.
#include "waf/operators/factories.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf::operators {
namespace {

/// Where `text` was found in the value; npos if not.
using Find = std::size_t (*)(std::string_view value, std::string_view text);

constexpr auto kNone = std::string_view::npos;

std::size_t find_anywhere(std::string_view value, std::string_view text) { return value.find(text); }

std::size_t find_at_start(std::string_view value, std::string_view text) { return value.starts_with(text) ? 0 : kNone; }

std::size_t find_at_end(std::string_view value, std::string_view text) {
  return value.ends_with(text) ? value.size() - text.size() : kNone;
}

std::size_t find_whole(std::string_view value, std::string_view text) { return value == text ? 0 : kNone; }

/// A word ends where no letter follows (digits and `_` do not prolong it).
std::size_t find_word(std::string_view value, std::string_view text) {
  if (text.empty()) return 0;
  for (std::size_t at = value.find(text); at != kNone; at = value.find(text, at + 1)) {
    const std::size_t end = at + text.size();
    if ((at == 0 || !is_letter(value[at - 1])) && (end == value.size() || !is_letter(value[end]))) return at;
  }
  return kNone;
}

class Text final : public Operator {
 public:
  Text(const Request& request, Find find, bool required)
      : Operator(request.name, request.argument, request.has_macros), find_(find), required_(required), literal_(request.argument) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    const std::string_view text = argument(context);
    const std::size_t at = find_(value, text);
    if (at == kNone) return false;
    context.matched = value.substr(at, text.size());
    if (context.want_captures) context.capture(0, context.matched);
    return true;
  }

  LiteralSource literals() const override {
    if (takes_macros() || !required_ || literal_.empty()) return {};
    return {LiteralSource::Kind::exact, {}, 0, {&literal_, 1}};
  }

 private:
  using Operator::argument;
  Find find_;
  bool required_;
  std::string literal_;
};

class Within final : public Operator {
 public:
  explicit Within(const Request& request) : Operator(request.name, request.argument, request.has_macros) {}
  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    if (argument(context).find(value) == kNone) return false;
    context.matched = value;
    if (context.want_captures) context.capture(0, value);
    return true;
  }

 private:
  using Operator::argument;
};

Made make(const Request& request, Find find) { return Made(std::make_unique<const Text>(request, find, true)); }

}  // namespace

Made contains(const Request& request) { return make(request, find_anywhere); }
Made contains_word(const Request& request) { return make(request, find_word); }
Made begins_with(const Request& request) { return make(request, find_at_start); }
Made ends_with(const Request& request) { return make(request, find_at_end); }
Made streq(const Request& request) { return make(request, find_whole); }
Made strmatch(const Request& request) { return make(request, find_anywhere); }
Made within(const Request& request) { return Made(std::make_unique<const Within>(request)); }

}  // namespace bulwark::waf::operators
