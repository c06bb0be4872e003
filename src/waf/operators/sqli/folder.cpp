#include "waf/operators/sqli/folder.h"

#include "waf/operators/sqli/tables.h"

namespace bulwark::waf::sqli {
namespace {

/// Plus, minus, not: what may stand before a value without meaning anything to the shape.
bool is_unary(const Token& token) {
  if (!token.is(type::kOperator)) return false;
  const std::string_view text = token.text();
  if (text.size() == 1) return text[0] == '+' || text[0] == '-' || text[0] == '!' || text[0] == '~';
  return text == "!!" || token.says("NOT");
}

bool is_arithmetic(const Token& token) {
  return token.is(type::kOperator) && token.size == 1 && std::string_view("*/-+%").find(token.first()) != std::string_view::npos;
}

/// Functions of one dialect that are names in another: a call only with a parenthesis behind them.
bool may_be_called(const Token& token) {
  constexpr std::string_view kNames[] = {"USER_ID",      "USER_NAME",    "DATABASE",          "PASSWORD",  "USER",          "CURRENT_USER",
                                         "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"};
  return std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view name) { return token.says(name); });
}

}  // namespace

std::size_t Folder::run() {
  if (!skip_beginning()) return 0;
  end_ = 1;
  while (true) {
    if (end_ >= kMaxFingerprint) fold_full_window();
    if (!more_ || left_ >= kMaxFingerprint) {
      left_ = end_;
      break;
    }
    read_until(2);
    if (end_ - left_ < 2) {
      left_ = end_;
      continue;
    }
    const Step two = fold_two();
    if (two == Step::stop) return left_ + 2;
    if (two == Step::again) continue;
    read_until(3);
    if (end_ - left_ < 3) {
      left_ = end_;
      continue;
    }
    if (fold_three() == Step::more) ++left_;
  }
  if (left_ < kMaxFingerprint && last_comment_.is(type::kComment)) tokens_[left_++] = last_comment_;
  return std::min(left_, kMaxFingerprint);
}

/// Comments, opening parentheses, type names and unary operators at the beginning say nothing. False if that is all there is.
bool Folder::skip_beginning() {
  Token& first = tokens_[0];
  do {
    more_ = tokenizer_.next(first);
  } while (more_ && (first.is_any("c(t") || is_unary(first)));
  return more_;
}

/// Reads up to `wanted` tokens behind left_; a comment counts only if it turns out to be the last one.
void Folder::read_until(std::size_t wanted) {
  while (more_ && end_ <= kMaxFingerprint && end_ - left_ < wanted) {
    more_ = tokenizer_.next(tokens_[end_]);
    if (!more_) return;
    if (tokens_[end_].is(type::kComment)) {
      last_comment_ = tokens_[end_];
    } else {
      last_comment_.type = type::kNone;
      ++end_;
    }
  }
}

/// Five tokens of plain arithmetic or a list of pairs are as good as their first one.
void Folder::fold_full_window() {
  const auto are = [this](TypeSet a, TypeSet b, TypeSet c, TypeSet d, TypeSet e) {
    return tokens_[0].is_any(a) && tokens_[1].is_any(b) && tokens_[2].is_any(c) && tokens_[3].is_any(d) && tokens_[4].is_any(e);
  };
  if (!are("1", "o,", "(", "1", ")") && !are("n", "o", "(", "n1", ")") && !are("1", ")", ",", "(", "1") && !are("n", ")", "o", "(", "n"))
    return;
  if (end_ > kMaxFingerprint) tokens_[1] = tokens_[kMaxFingerprint];
  end_ = end_ > kMaxFingerprint ? 2 : 1;
  left_ = 0;
}

Folder::Step Folder::drop(std::size_t count, std::size_t new_left) {
  end_ -= count;
  left_ = new_left;
  return Step::again;
}

Folder::Step Folder::step_back_after_drop() { return drop(1, left_ > 0 ? left_ - 1 : 0); }

/// Two words that mean one thing together, such as GROUP BY or NOT IN.
bool Folder::merge_words(Token& first, const Token& second) {
  constexpr TypeSet kMergeable = "knoUfETt";
  if (!first.may_begin_phrase || !first.is_any(kMergeable) || !(second.is_any(kMergeable) || second.is(type::kLogic))) return false;
  const std::size_t size = first.size + 1u + second.size;
  if (size > kMaxTokenText) return false;
  std::array<char, kMaxTokenText> phrase;
  std::copy_n(first.bytes.data(), first.size, phrase.data());
  phrase[first.size] = ' ';
  std::copy_n(second.bytes.data(), second.size, phrase.data() + first.size + 1);
  const WordFacts merged = word_facts({phrase.data(), size});
  if (merged.type == type::kNone) return false;
  first.set(merged.type, {phrase.data(), size});
  first.may_begin_phrase = merged.begins_phrase;
  return true;
}

Folder::Step Folder::fold_two() {
  Token& first = tokens_[left_];
  Token& second = tokens_[left_ + 1];
  if (first.is(type::kString) && second.is(type::kString)) return drop(1, left_);
  if (first.is(';') && second.is(';')) return drop(1, left_);
  if (first.is_any("o&") && (is_unary(second) || second.is(type::kSqlType))) return drop(1, 0);
  if (first.is('(') && is_unary(second)) return step_back_after_drop();
  if (merge_words(first, second)) return step_back_after_drop();
  if (const auto step = fold_pair_words(first, second)) return *step;
  return fold_pair_marks(first, second);
}

/// Pairs in which a word decides what the other token is; nullopt if there is none here.
std::optional<Folder::Step> Folder::fold_pair_words(Token& first, Token& second) {
  if (first.is(';') && second.is(type::kFunction) && equals_ignoring_case(second.text().substr(0, 2), "IF")) {
    second.type = type::kTsql;  // a function elsewhere; at the beginning of a T-SQL statement it controls the flow
    return Step::again;
  }
  if (first.is_any("nv") && second.is('(') && may_be_called(first)) {
    first.type = type::kFunction;
    return Step::again;
  }
  if (first.is(type::kKeyword) && (first.says("IN") || first.says("NOT IN"))) {
    first.type = second.is('(') ? type::kOperator : type::kBareword;
    return Step::again;
  }
  if (first.is(type::kOperator) && (first.says("LIKE") || first.says("NOT LIKE"))) {
    if (second.is('(')) first.type = type::kFunction;
    return Step::more;
  }
  if (first.is(type::kSqlType) && second.is_any("n1t(fvs")) {
    first = second;
    return drop(1, 0);
  }
  if (first.is(type::kCollate) && second.is(type::kBareword)) {
    if (second.text().find('_') == std::string_view::npos) return Step::more;
    second.type = type::kSqlType;  // there are too many collations to know; all have an underscore
    left_ = 0;
    return Step::more;
  }
  return std::nullopt;
}

/// Pairs in which punctuation decides.
Folder::Step Folder::fold_pair_marks(Token& first, Token& second) {
  if (first.is(type::kBackslash)) {
    if (is_arithmetic(second)) {  // T-SQL reads `\%1` as `0 % 1`
      first.type = type::kNumber;
      left_ = 0;
      return Step::again;
    }
    first = second;
    return drop(1, 0);
  }
  if (first.is('(') && second.is('(')) return drop(1, 0);
  if (first.is(')') && second.is(')')) return drop(1, 0);
  if (first.is('{') && second.is(type::kBareword)) {
    if (second.size == 0) {  // MySQL's {``.``.id}
      second.type = type::kEvil;
      return Step::stop;
    }
    return drop(2, 0);  // ODBC's {name expression} is the expression
  }
  if (second.is('}')) return drop(1, 0);
  return Step::more;
}

Folder::Step Folder::fold_three() {
  Token& first = tokens_[left_];
  Token& second = tokens_[left_ + 1];
  const Token& third = tokens_[left_ + 2];
  if (first.is('1') && second.is('o') && third.is('1')) return drop(2, 0);
  if (first.is('o') && !second.is('(') && third.is('o')) return drop(2, 0);
  if (first.is('&') && third.is('&')) return drop(2, 0);
  if (first.is('v') && second.is('o') && third.is_any("v1n")) return drop(2, 0);
  if (first.is_any("n1") && second.is('o') && third.is_any("1n")) return drop(2, 0);
  if (first.is_any("n1vs") && second.is('o') && second.text() == "::" && third.is('t')) return drop(2, 0);
  if (first.is_any("n1sv") && second.is(',') && third.is_any("1nsv")) return drop(2, 0);
  const bool second_is_unary = is_unary(second);
  if (second_is_unary && ((first.is_any("EB,") && third.is('(')) || (first.is_any("kEB") && third.is_any("1nvsf")))) {
    second = third;
    return drop(1, 0);
  }
  if (second_is_unary && first.is(',') && third.is_any("1nvs")) {  // `1, -1` folds with the token before the comma
    second = third;
    return drop(3, 0);
  }
  if (second_is_unary && first.is(',') && third.is('f')) {
    second = third;
    return drop(1, 0);
  }
  if (first.is('n') && second.is('.') && third.is('n')) return drop(2, 0);
  if (first.is('E') && second.is('.') && third.is('n')) {
    second = third;
    return drop(1, 0);
  }
  if (first.is('f') && second.is('(') && !third.is(')') && first.says("USER")) first.type = type::kBareword;  // USER() takes no argument
  return Step::more;
}

}  // namespace bulwark::waf::sqli
