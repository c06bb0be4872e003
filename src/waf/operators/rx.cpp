// @rx and @rxGlobal. A pattern with macros is compiled when it is matched, through a small cache that belongs to the thread.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <fmt/format.h>

#include "waf/operators/factories.h"
#include "waf/operators/regex.h"

namespace bulwark::waf::operators {
namespace {

constexpr std::size_t kMaxExpandedPattern = 8 * 1024;
constexpr std::size_t kExpandedPatternsKept = 16;
constexpr int kMaxGlobalMatches = 1000;

std::uint32_t options_of(RxMode mode) { return PCRE2_DOTALL | (mode == RxMode::dotall_multiline ? PCRE2_MULTILINE : PCRE2_DOLLAR_ENDONLY); }

/// The compiled form of a pattern that macros completed; null if it does not compile. Oldest out first.
const Regex* compiled(std::string_view pattern, std::uint32_t options) {
  struct Kept {
    std::string pattern;
    std::uint32_t options = 0;
    std::unique_ptr<Regex> regex;
  };
  thread_local std::array<Kept, kExpandedPatternsKept> kept;
  thread_local std::size_t oldest = 0;
  for (const Kept& entry : kept) {
    if (entry.options == options && entry.pattern == pattern) return entry.regex.get();
  }
  if (pattern.size() > kMaxExpandedPattern) return nullptr;
  Kept& entry = kept[oldest];
  oldest = (oldest + 1) % kept.size();
  auto regex = Regex::compile(pattern, options);
  entry = {std::string(pattern), options, regex.ok() ? std::make_unique<Regex>(std::move(*regex)) : nullptr};
  return entry.regex.get();
}

class Rx final : public Operator {
 public:
  Rx(const Request& request, std::uint32_t options, std::unique_ptr<Regex> regex, bool global)
      : Operator(request.name, request.argument, request.has_macros), options_(options), regex_(std::move(regex)), global_(global) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    const Regex* regex = regex_ ? regex_.get() : compiled(argument(context), options_);
    if (regex == nullptr) return false;
    return global_ ? match_all(*regex, value, context) : match_once(*regex, value, context);
  }

  LiteralSource literals() const override {
    if (takes_macros()) return {};
    return {LiteralSource::Kind::pattern, Operator::argument(), options_, {}};
  }

 private:
  using Operator::argument;
  using Spans = std::array<Regex::Span, kMaxCaptures>;

  bool match_once(const Regex& regex, std::string_view value, MatchContext& context) const {
    if (context.want_captures) {
      Spans spans;
      if (!found(regex.search(value, 0, context.match_limit, spans), spans[0], value, context)) return false;
      capture(spans, value, 0, context);
      return true;
    }
    Regex::Span whole;
    return found(regex.search(value, 0, context.match_limit, {&whole, 1}), whole, value, context);
  }

  static bool found(Regex::Outcome outcome, const Regex::Span& whole, std::string_view value, MatchContext& context) {
    context.budget_exhausted = outcome == Regex::Outcome::budget_exhausted;
    if (outcome != Regex::Outcome::match) return false;
    context.matched = value.substr(whole.begin, whole.end - whole.begin);
    return true;
  }

  /// Every match in turn; their groups fill the captures one behind the other.
  bool match_all(const Regex& regex, std::string_view value, MatchContext& context) const {
    std::size_t next = 0;
    std::size_t from = 0;
    for (int round = 0; round < kMaxGlobalMatches && from <= value.size(); ++round) {
      Spans spans;
      const auto outcome = regex.search(value, from, context.match_limit, spans);
      context.budget_exhausted = outcome == Regex::Outcome::budget_exhausted;
      if (outcome != Regex::Outcome::match) return round > 0 && !context.budget_exhausted;
      if (round == 0) context.matched = value.substr(spans[0].begin, spans[0].end - spans[0].begin);
      const bool empty = spans[0].end == spans[0].begin && !value.empty();  // between two matches of `x*`: nothing to keep
      if (context.want_captures && !empty) next = capture(spans, value, next, context);
      from = spans[0].end > from ? spans[0].end : from + 1;
    }
    return true;
  }

  static std::size_t capture(const Spans& spans, std::string_view value, std::size_t first, MatchContext& context) {
    std::size_t highest = first;
    for (std::size_t i = 0; i < spans.size() && first + i < kMaxCaptures; ++i) {
      if (!spans[i].set) continue;
      context.capture(first + i, value.substr(spans[i].begin, spans[i].end - spans[i].begin));
      highest = first + i + 1;
    }
    return highest;
  }

  std::uint32_t options_;
  std::unique_ptr<Regex> regex_;  ///< null if macros complete the pattern
  bool global_;
};

Made make(const Request& request, bool global) {
  const std::uint32_t options = options_of(request.environment.rx_mode);
  std::unique_ptr<Regex> regex;
  if (!request.has_macros) {
    auto result = Regex::compile(request.argument, options);
    if (!result.ok()) return config_error(fmt::format("@{}: {}", request.name, result.error().message));
    regex = std::make_unique<Regex>(std::move(*result));
  }
  return Made(std::make_unique<const Rx>(request, options, std::move(regex), global));
}

}  // namespace

Made rx(const Request& request) { return make(request, false); }
Made rx_global(const Request& request) { return make(request, true); }

}  // namespace bulwark::waf::operators
