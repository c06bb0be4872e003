// The contract of a SecLang operator (`@rx`, `@pm`, ...): compiled once when rules load, then matched from any thread without
// allocation. What a match leaves behind (captures, matched bytes, a spent budget) goes into the caller's MatchContext.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::waf {

class Blocklists;
class GeoDatabase;
struct GeoLocation;
namespace seclang {
struct Inputs;
}

inline constexpr std::size_t kMaxCaptures = 10;
inline constexpr std::uint32_t kDefaultMatchLimit = 100'000;  ///< PCRE2 match() calls a value may cost

/// What `$` and `.` mean to @rx: engines differ (ModSecurity 3 compiles with MULTILINE, ModSecurity 2 with DOLLAR_ENDONLY).
enum class RxMode : std::uint8_t { dotall_multiline, dotall_dollar_endonly };

struct MatchContext {
  // What the caller gives.
  std::string_view argument;  ///< the argument after macro expansion; read only by operators that takes_macros()
  std::uint32_t match_limit = kDefaultMatchLimit;
  bool want_captures = false;        ///< the rule has the `capture` action
  GeoLocation* location = nullptr;   ///< where @geoLookup puts what it found
  Blocklists* blocklists = nullptr;  ///< whom @rbl asks; nullptr: nobody

  // What match() leaves, reset by it. Views point into the value or into `text`, and live as long as both.
  std::array<std::string_view, kMaxCaptures> captures;
  std::uint16_t captured = 0;     ///< bit i: captures[i] takes part (an unset group leaves TX.i as it was)
  std::string_view matched;       ///< the bytes that matched, for the log
  bool budget_exhausted = false;  ///< the match limit ran out before an answer; match() then says false, and the caller
                                  ///< must make it a verdict of its own (MSC_PCRE_LIMITS_EXCEEDED)
  bool unanswered = false;        ///< @rbl has no answer: match() then says false
  std::array<char, 64> text;      ///< room for a capture that is no part of the value (a fingerprint, a phrase)

  void clear() {
    captured = 0;
    matched = {};
    budget_exhausted = false;
    unanswered = false;
  }
  void capture(std::size_t group, std::string_view bytes) {
    captures[group] = bytes;
    captured = static_cast<std::uint16_t>(captured | (1u << group));
  }
};

/// What a prefilter may know of an operator: unless one of the literals below occurs in the value it cannot match.
struct LiteralSource {
  enum class Kind : std::uint8_t {
    none,     ///< nothing known: always run it
    pattern,  ///< a PCRE2 pattern: take the required literals from its syntax tree
    phrases,  ///< one of `phrases` must occur, in any case
    exact,    ///< one of `phrases` must occur, in this case
  };
  Kind kind = Kind::none;
  std::string_view pattern;
  std::uint32_t pcre2_options = 0;
  std::span<const std::string> phrases;
};

class Operator {
 public:
  virtual ~Operator() = default;

  /// Whether the value satisfies the operator (negation with `!` is the rule's). Any bytes, any length.
  virtual bool match(std::string_view value, MatchContext& context) const = 0;
  virtual LiteralSource literals() const { return {}; }

  std::string_view name() const { return name_; }            ///< canonical spelling, "validateByteRange"
  const std::string& argument() const { return argument_; }  ///< as written
  /// The argument holds `%{...}`: the caller expands it into MatchContext::argument before each match().
  bool takes_macros() const { return takes_macros_; }

 protected:
  Operator(std::string_view name, std::string argument, bool takes_macros)
      : name_(name), argument_(std::move(argument)), takes_macros_(takes_macros) {}
  /// The argument that counts for this match.
  std::string_view argument(const MatchContext& context) const { return takes_macros_ ? context.argument : std::string_view(argument_); }

 private:
  std::string_view name_;
  std::string argument_;
  bool takes_macros_;
};

/// What building an operator may depend on.
struct OperatorEnvironment {
  std::filesystem::path directory;         ///< of the rule file: where @pmFromFile and @ipMatchFromFile look
  std::shared_ptr<const GeoDatabase> geo;  ///< null: @geoLookup never matches
  RxMode rx_mode = RxMode::dotall_multiline;
  seclang::Inputs* inputs = nullptr;  ///< files that are read are noted here
};

/// `name` without the `@`, in any case, aliases included (pmf, ipMatchF). Errors, origin config: an unknown or unsupported
/// operator, a pattern that does not compile (with its offset), a file that cannot be read, an argument out of range.
Result<std::unique_ptr<const Operator>> make_operator(std::string_view name, std::string_view argument,
                                                      const OperatorEnvironment& environment);

}  // namespace bulwark::waf
