#include "waf/operators/sqli/detector.h"

#include "waf/operators/sqli/folder.h"
#include "waf/operators/sqli/tables.h"

namespace bulwark::waf::sqli {
namespace {

/// A value read in one context.
class Reading {
 public:
  Reading(std::string_view value, Quoting quoting, Dialect dialect)
      : value_(value), tokenizer_(value, quoting, dialect), folder_(tokenizer_) {
    const std::size_t count = folder_.run();
    for (std::size_t i = 0; i < count; ++i) fingerprint_.push_back(type_at(i, count));
    if (fingerprint_.text().find(type::kEvil) != std::string_view::npos) {
      evil_ = true;
      fingerprint_.clear();
      fingerprint_.push_back(type::kEvil);
    }
  }

  const Fingerprint& fingerprint() const { return fingerprint_; }
  bool differs_in_mysql() const { return tokenizer_.differs_in_mysql(); }
  bool is_injection() const { return is_known_fingerprint(fingerprint_.text()) && (evil_ || !is_harmless()); }

 private:
  /// An empty name whose backtick never closes ends a statement like a comment, in MySQL under PHP.
  char type_at(std::size_t i, std::size_t count) const {
    const Token& token = folder_.token(i);
    const bool open_tick = token.is(type::kBareword) && token.open == '`' && token.size == 0 && token.close == '\0';
    return i + 1 == count && count > 2 && open_tick ? type::kComment : token.type;
  }

  bool is_harmless() const {
    const std::string_view types = fingerprint_.text();
    // SQL Server keeps statements with this word out of its log.
    if (types.size() > 1 && types.back() == type::kComment && value_.find("sp_password") != std::string_view::npos) return false;
    if (types.size() == 2) return is_harmless_pair(types);
    if (types.size() == 3) return is_harmless_triple(types);
    return false;
  }

  bool is_harmless_pair(std::string_view types) const {
    const Token& first = folder_.token(0);
    const Token& second = folder_.token(1);
    if (types[1] == type::kUnion) return tokenizer_.tokens() == 2;  // "1 union" is English too, unless folding hid something
    if (second.first() == '#') return true;
    if (!second.is(type::kComment)) return second.size > 2 && second.first() == '-';
    if (first.is(type::kBareword) && second.first() != '/') return true;
    if (first.is(type::kNumber)) return second.first() != '/' && !number_ends_in_comment(first);
    return second.size > 2 && second.first() == '-';  // only a `--` at the very end is a probe
  }

  /// Whether a number is one in the value itself ("1234 --", "1--"), or folding made it one; "1234-AB--" is an identifier.
  bool number_ends_in_comment(const Token& number) const {
    if (tokenizer_.tokens() > 2) return true;
    if (number.size >= value_.size()) return true;
    const std::string_view rest = value_.substr(number.size);
    return static_cast<signed char>(rest.front()) <= 32 || rest.starts_with("/*") || rest.starts_with("--");
  }

  bool is_harmless_triple(std::string_view types) const {
    const Token& first = folder_.token(0);
    const Token& second = folder_.token(1);
    const Token& third = folder_.token(2);
    if (types == "sos" || types == "s&s") {
      // foo" + "bar: both outer quotes are the surrounding statement's.
      return !(first.open == '\0' && third.close == '\0' && first.close == third.open);
    }
    if (types == "s&n" || types == "n&1" || types == "1&1" || types == "1&v" || types == "1&s") return tokenizer_.tokens() == 3;
    if (second.is(type::kKeyword)) {  // only INTO OUTFILE and INTO DUMPFILE
      return second.size < 5 || !equals_ignoring_case(second.text().substr(0, 4), "INTO");
    }
    return false;
  }

  std::string_view value_;
  Tokenizer tokenizer_;
  Folder folder_;
  Fingerprint fingerprint_;
  bool evil_ = false;
};

/// One quoting in the given dialect, and in MySQL's too where that reads differently.
Fingerprint detect_within(std::string_view value, Quoting quoting, Dialect dialect) {
  const Reading reading(value, quoting, dialect);
  if (reading.is_injection()) return reading.fingerprint();
  if (dialect == Dialect::mysql || !reading.differs_in_mysql()) return {};
  return detect_within(value, quoting, Dialect::mysql);
}

/// A name or a number at first sight. No fingerprint of one token is an injection, except for a comment's.
bool is_one_token(std::string_view value) {
  const bool number = !value.empty() && is_digit(value.front());
  return std::all_of(value.begin(), value.end(), [number](char c) { return number ? is_digit(c) : is_alnum(c) || c == '_'; });
}

}  // namespace

Fingerprint fingerprint_of(std::string_view value, Quoting quoting, Dialect dialect) {
  return Reading(value, quoting, dialect).fingerprint();
}

Fingerprint detect(std::string_view value) {
  if (is_one_token(value)) return {};
  Fingerprint found = detect_within(value, Quoting::none, Dialect::ansi);
  if (found.empty() && value.find('\'') != std::string_view::npos) found = detect_within(value, Quoting::in_single, Dialect::ansi);
  if (found.empty() && value.find('"') != std::string_view::npos) found = detect_within(value, Quoting::in_double, Dialect::mysql);
  return found;
}

}  // namespace bulwark::waf::sqli
