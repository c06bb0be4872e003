#include "waf/operators/sqli/tokenizer.h"

#include "waf/operators/sqli/tables.h"

namespace bulwark::waf::sqli {
namespace {

using namespace std::string_view_literals;
constexpr auto kNone = std::string_view::npos;

constexpr ByteClass kWordStops(" []{}<>:\\?=@!#~+-*/&|^%(),';\t\n\v\f\r\"\xa0\0"sv);
constexpr ByteClass kVariableStops(" <>:\\?=@!#~+-*/&|^%(),';\t\n\v\f\r'`\"\0"sv);
constexpr ByteClass kWhite(" \t\n\v\f\r\xa0\0"sv);
constexpr ByteClass kDigits("0123456789"sv);
// A NUL belongs to each of these sets: the reference looks bytes up in C strings, whose end it finds too.
constexpr ByteClass kBinaryLiteral("01\0"sv);
constexpr ByteClass kHexLiteral("0123456789abcdefABCDEF\0"sv);
constexpr ByteClass kAmount("0123456789.,\0"sv);
constexpr ByteClass kTag("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\0"sv);

bool is_white(char c) { return kWhite.has(c); }

/// A quote behind an odd number of backslashes.
bool is_escaped(std::string_view before) {
  const std::size_t last = before.find_last_not_of('\\');
  return (before.size() - (last == kNone ? 0 : last + 1)) % 2 == 1;
}

}  // namespace

std::size_t Tokenizer::span(std::size_t from, const ByteClass& of) const {
  std::size_t end = from;
  while (end < text_.size() && of.has(text_[end])) ++end;
  return end - from;
}

std::size_t Tokenizer::span_without(std::size_t from, const ByteClass& stops) const {
  std::size_t end = from;
  while (end < text_.size() && !stops.has(text_[end])) ++end;
  return end - from;
}

bool Tokenizer::next(Token& token) {
  token = Token{};
  if (text_.empty()) return false;
  if (pos_ == 0 && quoting_ != Quoting::none) {
    pos_ = string(token, 0, static_cast<char>(quoting_), 0);
    ++tokens_;
    return true;
  }
  while (pos_ < text_.size()) {
    pos_ = read(token);
    if (token.type != type::kNone) {
      ++tokens_;
      return true;
    }
  }
  return false;
}

/// Reads what begins at pos_; white space leaves the token without a type. Returns where the next one begins.
std::size_t Tokenizer::read(Token& token) {
  const char c = text_[pos_];
  const auto byte = static_cast<unsigned char>(c);
  if (byte <= 32 || byte == 127 || byte == 160) return pos_ + 1;
  switch (c) {
    case '"':
    case '\'': return string(token, pos_, c, 1);
    case '`': return ticked(token, pos_);
    case '#': differs_in_mysql_ = true; return dialect_ == Dialect::mysql ? end_of_line(token) : single(token, type::kOperator);
    case '$': return money(token);
    case '%':
    case '+':
    case '^':
    case '~': return single(token, type::kOperator);
    case '!':
    case '&':
    case '*':
    case ':':
    case '<':
    case '=':
    case '>':
    case '|': return wide_operator(token);
    case '(':
    case ')':
    case ',':
    case ';':
    case '{':
    case '}': return single(token, c);
    case '-': return dash(token);
    case '/': return slash(token);
    case '\\': return backslash(token);
    case '?':
    case ']': return single(token, type::kUnknown);
    case '@': return variable(token);
    case '[': return bracketed(token);
    case 'B':
    case 'b': return digits_literal(token, kBinaryLiteral);
    case 'X':
    case 'x': return digits_literal(token, kHexLiteral);
    case 'E':
    case 'e': return escape_string(token);
    case 'U':
    case 'u': return unicode_string(token);
    case 'N':
    case 'n': return national_string(token);
    case 'Q':
    case 'q': return oracle_string(token, 0);
    default: return is_digit(c) || c == '.' ? number(token) : word(token);
  }
}

std::size_t Tokenizer::single(Token& token, char its_type) {
  token.set(its_type, text_.substr(pos_, 1));
  return pos_ + 1;
}

std::size_t Tokenizer::end_of_line(Token& token) {
  const std::size_t newline = text_.find('\n', pos_);
  token.set(type::kComment, text_.substr(pos_, newline == kNone ? kNone : newline - pos_));
  return newline == kNone ? text_.size() : newline + 1;
}

/// `--` begins a comment before white space or the end everywhere; before anything else only in standard SQL.
std::size_t Tokenizer::dash(Token& token) {
  if (at(pos_ + 1) != '-' || !has(pos_ + 1)) return single(token, type::kOperator);
  if (!has(pos_ + 2) || is_white(text_[pos_ + 2])) return end_of_line(token);
  if (dialect_ == Dialect::mysql) return single(token, type::kOperator);
  differs_in_mysql_ = true;
  return end_of_line(token);
}

/// A comment within a comment, or MySQL's executable `/*!`, cannot be read the same way everywhere: that is evil by itself.
std::size_t Tokenizer::slash(Token& token) {
  if (at(pos_ + 1) != '*' || !has(pos_ + 1)) return single(token, type::kOperator);
  const std::size_t close = text_.find("*/", pos_ + 2);
  const std::size_t end = close == kNone ? text_.size() : close + 2;
  const bool nested = close != kNone && text_.substr(pos_ + 2, close + 1 - (pos_ + 2)).find("/*") != kNone;
  const bool evil = nested || at(pos_ + 2) == '!';
  token.set(evil ? type::kEvil : type::kComment, text_.substr(pos_, end - pos_));
  return end;
}

/// `\N` is NULL in MySQL.
std::size_t Tokenizer::backslash(Token& token) {
  if (at(pos_ + 1) != 'N') return single(token, type::kBackslash);
  token.set(type::kNumber, text_.substr(pos_, 2));
  return pos_ + 2;
}

std::size_t Tokenizer::wide_operator(Token& token) {
  const std::string_view rest = text_.substr(pos_);
  if (rest.starts_with("<=>")) {
    token.set(type::kOperator, rest.substr(0, 3));
    return pos_ + 3;
  }
  const char known = rest.size() > 1 ? word_type(rest.substr(0, 2)) : type::kNone;
  if (known != type::kNone) {
    token.set(known, rest.substr(0, 2));
    return pos_ + 2;
  }
  return single(token, rest.size() > 1 && rest[0] == ':' ? ':' : type::kOperator);
}

/// The text behind `prefix` bytes up to a quote that neither a backslash nor a second quote escapes.
std::size_t Tokenizer::string(Token& token, std::size_t from, char quote, std::size_t prefix) {
  const std::size_t begin = from + prefix;
  token.open = prefix > 0 ? quote : '\0';
  std::size_t end = begin <= text_.size() ? text_.find(quote, begin) : kNone;
  while (end != kNone) {
    if (is_escaped(text_.substr(begin, end - begin))) {
      end = text_.find(quote, end + 1);
    } else if (at(end + 1) == quote && has(end + 1)) {
      end = text_.find(quote, end + 2);
    } else {
      break;
    }
  }
  token.close = end == kNone ? '\0' : quote;
  token.set(type::kString, text_.substr(std::min(begin, text_.size()), end == kNone ? kNone : end - begin));
  return end == kNone ? text_.size() : end + 1;
}

/// A word, which may hold dots; but SELECT.1 and SELECT`a` are a keyword and what follows.
std::size_t Tokenizer::word(Token& token) {
  const std::size_t length = span_without(pos_, kWordStops);
  const std::string_view whole = text_.substr(pos_, length);
  token.set(type::kBareword, whole);
  for (std::size_t i = 0; i < token.size; ++i) {
    if (whole[i] != '.' && whole[i] != '`') continue;
    const char known = word_type(whole.substr(0, i));
    if (known == type::kNone || known == type::kBareword) continue;
    token.set(known, whole.substr(0, i));
    return pos_ + i;
  }
  const WordFacts facts = length <= kMaxTokenText ? word_facts(whole) : WordFacts{};
  if (facts.type != type::kNone) token.type = facts.type;
  token.may_begin_phrase = facts.begins_phrase;
  return pos_ + length;
}

/// B'01', X'0aF'
std::size_t Tokenizer::digits_literal(Token& token, const ByteClass& digits) {
  if (!has(pos_ + 2) || text_[pos_ + 1] != '\'') return word(token);
  const std::size_t length = span(pos_ + 2, digits);
  if (at(pos_ + 2 + length) != '\'') return word(token);
  token.set(type::kNumber, text_.substr(pos_, length + 3));
  return pos_ + length + 3;
}

/// PostgreSQL's E'..'
std::size_t Tokenizer::escape_string(Token& token) {
  if (!has(pos_ + 2) || text_[pos_ + 1] != '\'') return word(token);
  return string(token, pos_, '\'', 2);
}

/// U&'..'
std::size_t Tokenizer::unicode_string(Token& token) {
  if (!has(pos_ + 2) || text_[pos_ + 1] != '&' || text_[pos_ + 2] != '\'') return word(token);
  const std::size_t end = string(token, pos_ + 2, '\'', 1);
  token.open = 'u';
  if (token.close == '\'') token.close = 'u';
  return end;
}

/// Oracle's q'[..]', with `prefix` letters before the q.
std::size_t Tokenizer::oracle_string(Token& token, std::size_t prefix) {
  const std::size_t q = pos_ + prefix;
  if (!has(q + 2) || lower(text_[q]) != 'q' || text_[q + 1] != '\'') return word(token);
  const char open = text_[q + 2];
  if (static_cast<signed char>(open) < 33) return word(token);
  constexpr std::string_view kOpen = "([{<";
  constexpr std::string_view kClose = ")]}>";
  const std::size_t bracket = kOpen.find(open);
  const char ending[2] = {bracket == kNone ? open : kClose[bracket], '\''};
  const std::size_t end = text_.find(std::string_view(ending, 2), q + 3);
  token.open = 'q';
  token.close = end == kNone ? '\0' : 'q';
  token.set(type::kString, text_.substr(q + 3, end == kNone ? kNone : end - (q + 3)));
  return end == kNone ? text_.size() : end + 2;
}

/// N'..' and Oracle's nq'..'
std::size_t Tokenizer::national_string(Token& token) {
  if (has(pos_ + 2) && text_[pos_ + 1] == '\'') return escape_string(token);
  return oracle_string(token, 1);
}

/// T-SQL's [name]
std::size_t Tokenizer::bracketed(Token& token) {
  const std::size_t close = text_.find(']', pos_);
  const std::size_t end = close == kNone ? text_.size() : close + 1;
  token.set(type::kBareword, text_.substr(pos_, end - pos_));
  return end;
}

/// MySQL's `name`, which stays a function if it is one.
std::size_t Tokenizer::ticked(Token& token, std::size_t from) {
  const std::size_t end = string(token, from, '`', 1);
  token.type = word_type(token.text()) == type::kFunction ? type::kFunction : type::kBareword;
  return end;
}

/// @name, @@name, @`name`, @'name'
std::size_t Tokenizer::variable(Token& token) {
  const std::size_t begin = pos_ + (at(pos_ + 1) == '@' && has(pos_ + 1) ? 2 : 1);
  const char quote = at(begin);
  if (has(begin) && (quote == '`' || quote == '\'' || quote == '"')) {
    const std::size_t end = quote == '`' ? ticked(token, begin) : string(token, begin, quote, 1);
    token.type = type::kVariable;
    return end;
  }
  const std::size_t length = span_without(begin, kVariableStops);
  token.set(type::kVariable, text_.substr(std::min(begin, text_.size()), length));
  return begin + length;
}

/// $1,000.00 is a number, $$..$$ and $tag$..$tag$ are PostgreSQL's strings, a lone $ is a word.
std::size_t Tokenizer::money(Token& token) {
  if (!has(pos_ + 1)) return single(token, type::kBareword);
  const std::size_t length = span(pos_ + 1, kAmount);
  if (length == 1 && text_[pos_ + 1] == '.') return word(token);
  if (length > 0) {
    token.set(type::kNumber, text_.substr(pos_, 1 + length));
    return pos_ + 1 + length;
  }
  return dollar_string(token);
}

std::size_t Tokenizer::dollar_string(Token& token) {
  const std::size_t tag = text_[pos_ + 1] == '$' ? 0 : span(pos_ + 1, kTag);
  if (at(pos_ + tag + 1) != '$') return single(token, type::kBareword);
  const std::size_t mark = tag + 2;
  const std::size_t begin = pos_ + mark;
  const std::size_t end = text_.find(text_.substr(pos_, mark), begin);
  token.open = '$';
  token.close = end == kNone ? '\0' : '$';
  token.set(type::kString, text_.substr(begin, end == kNone ? kNone : end - begin));
  return end == kNone ? text_.size() : end + mark;
}

/// 12, 0x1F, 0b01, 1.5e-3, .5, with Oracle's suffix (1.5f); a dot alone is punctuation, 1.5e without digits a word.
std::size_t Tokenizer::number(Token& token) {
  const std::size_t begin = pos_;
  if (text_[pos_] == '0' && has(pos_ + 1)) {
    const char base = lower(text_[pos_ + 1]);
    if (base == 'x' || base == 'b') {
      const std::size_t length = span(pos_ + 2, base == 'x' ? kHexLiteral : kBinaryLiteral);
      token.set(length == 0 ? type::kBareword : type::kNumber, text_.substr(pos_, 2 + length));
      return pos_ + 2 + length;
    }
  }
  std::size_t end = begin + span(begin, kDigits);
  if (has(end) && text_[end] == '.') {
    ++end;
    end += span(end, kDigits);
    if (end - begin == 1) {
      token.set('.', ".");
      return end;
    }
  }
  bool bare_exponent = false;
  if (has(end) && lower(text_[end]) == 'e') {
    ++end;
    if (has(end) && (text_[end] == '+' || text_[end] == '-')) ++end;
    const std::size_t digits = span(end, kDigits);
    bare_exponent = digits == 0;
    end += digits;
  }
  // A suffix counts only where a number may end: before the end, white space, a semicolon, or UNION.
  if (has(end) && (lower(text_[end]) == 'd' || lower(text_[end]) == 'f')) {
    const char after = at(end + 1);
    if (!has(end + 1) || is_white(after) || after == ';' || lower(after) == 'u') ++end;
  }
  token.set(bare_exponent ? type::kBareword : type::kNumber, text_.substr(begin, end - begin));
  return end;
}

}  // namespace bulwark::waf::sqli
