#include "waf/operators/xss/html_tokenizer.h"

#include <algorithm>

#include "waf/transforms/ascii.h"

namespace bulwark::waf::xss {
namespace {

constexpr auto kNone = std::string_view::npos;

/// White space, to which old browsers count NUL.
constexpr bool is_white(char c) { return is_space(c) || c == '\0'; }

}  // namespace

HtmlTokenizer::HtmlTokenizer(std::string_view text, Place place) : text_(text) {
  switch (place) {
    case Place::text: state_ = State::data; break;
    case Place::unquoted_value: state_ = State::before_attribute_name; break;
    case Place::single_quoted_value: state_ = State::single_quoted_value; break;
    case Place::double_quoted_value: state_ = State::double_quoted_value; break;
    case Place::backtick_value: state_ = State::backtick_value; break;
  }
}

bool HtmlTokenizer::next(HtmlToken& token) {
  Step step = Step::again;
  while (step == Step::again) step = this->step(token);
  return step == Step::token;
}

HtmlTokenizer::Step HtmlTokenizer::step(HtmlToken& token) {
  switch (state_) {
    case State::end: return Step::end;
    case State::data: return data(token);
    case State::tag_open: return tag_open(token);
    case State::end_tag_open: return end_tag_open();
    case State::tag_name: return tag_name(token);
    case State::tag_name_end:
      closing_ = false;
      return give(token, Kind::tag_name_end, pos_ + 1, pos_ + 1, pos_ + 1 < text_.size() ? State::data : State::end);
    case State::before_attribute_name: return before_attribute_name(token);
    case State::attribute_name: return attribute_name(token);
    case State::after_attribute_name: return after_attribute_name();
    case State::before_attribute_value: return before_attribute_value();
    case State::unquoted_value: return unquoted_value(token);
    case State::single_quoted_value: return quoted_value(token, '\'');
    case State::double_quoted_value: return quoted_value(token, '"');
    case State::backtick_value: return quoted_value(token, '`');
    case State::after_quoted_value: return after_quoted_value(token);
    case State::self_closing: return self_closing(token);
    case State::markup_declaration: return markup_declaration();
    case State::comment: return comment(token);
    case State::cdata: return until(token, Kind::text, "]]>");
    case State::bogus_comment: return until(token, Kind::comment, ">");
    case State::percent_comment: return until(token, Kind::comment, "%>");
    case State::doctype: return until(token, Kind::doctype, ">");
  }
  return Step::end;
}

HtmlTokenizer::Step HtmlTokenizer::give(HtmlToken& token, Kind kind, std::size_t end, std::size_t next, State state) {
  const std::size_t begin = std::min(pos_, text_.size());
  token = {kind, text_.substr(begin, end - begin)};
  pos_ = next;
  state_ = state;
  return Step::token;
}

void HtmlTokenizer::skip_white() {
  while (!ended() && is_white(text_[pos_])) ++pos_;
}

HtmlTokenizer::Step HtmlTokenizer::data(HtmlToken& token) {
  const std::size_t less = std::min(text_.find('<', pos_), text_.size());
  const bool found = less < text_.size();
  if (less > pos_) return give(token, Kind::text, less, less + 1, found ? State::tag_open : State::end);
  return found ? go(State::tag_open, 1) : Step::end;
}

HtmlTokenizer::Step HtmlTokenizer::tag_open(HtmlToken& token) {
  if (ended()) return Step::end;
  const char c = text_[pos_];
  switch (c) {
    case '!': return go(State::markup_declaration, 1);
    case '/': closing_ = true; return go(State::end_tag_open, 1);
    case '?': return go(State::bogus_comment, 1);
    case '%': return go(State::percent_comment, 1);
    default: break;
  }
  if (is_letter(c) || c == '\0') return go(State::tag_name);
  --pos_;  // the `<` is text after all
  return give(token, Kind::text, pos_ + 1, pos_ + 1, State::data);
}

HtmlTokenizer::Step HtmlTokenizer::end_tag_open() {
  if (ended()) return Step::end;
  if (text_[pos_] == '>') return go(State::data);
  if (is_letter(text_[pos_])) return go(State::tag_name);
  closing_ = false;
  return go(State::bogus_comment);
}

HtmlTokenizer::Step HtmlTokenizer::tag_name(HtmlToken& token) {
  for (std::size_t end = pos_; end < text_.size(); ++end) {
    const char c = text_[end];
    if (is_space(c)) return give(token, Kind::tag_open, end, end + 1, State::before_attribute_name);
    if (c == '/') return give(token, Kind::tag_open, end, end + 1, State::self_closing);
    if (c != '>') continue;
    if (!closing_) return give(token, Kind::tag_open, end, end, State::tag_name_end);
    closing_ = false;
    return give(token, Kind::tag_close, end, end + 1, State::data);
  }
  return give(token, Kind::tag_open, text_.size(), text_.size(), State::end);
}

HtmlTokenizer::Step HtmlTokenizer::before_attribute_name(HtmlToken& token) {
  skip_white();
  if (ended()) return Step::end;
  if (text_[pos_] == '/') return go(State::self_closing, 1);
  if (text_[pos_] == '>') return give(token, Kind::tag_name_end, pos_ + 1, pos_ + 1, State::data);
  return go(State::attribute_name);
}

HtmlTokenizer::Step HtmlTokenizer::attribute_name(HtmlToken& token) {
  for (std::size_t end = pos_ + 1; end < text_.size(); ++end) {
    const char c = text_[end];
    if (is_white(c)) return give(token, Kind::attribute_name, end, end + 1, State::after_attribute_name);
    if (c == '/') return give(token, Kind::attribute_name, end, end + 1, State::self_closing);
    if (c == '=') return give(token, Kind::attribute_name, end, end + 1, State::before_attribute_value);
    if (c == '>') return give(token, Kind::attribute_name, end, end, State::tag_name_end);
  }
  return give(token, Kind::attribute_name, text_.size(), text_.size(), State::end);
}

HtmlTokenizer::Step HtmlTokenizer::after_attribute_name() {
  skip_white();
  if (ended()) return Step::end;
  switch (text_[pos_]) {
    case '/': return go(State::self_closing, 1);
    case '=': return go(State::before_attribute_value, 1);
    case '>': return go(State::tag_name_end);
    default: return go(State::attribute_name);
  }
}

HtmlTokenizer::Step HtmlTokenizer::before_attribute_value() {
  skip_white();
  if (ended()) return Step::end;
  switch (text_[pos_]) {
    case '"': return go(State::double_quoted_value);
    case '\'': return go(State::single_quoted_value);
    case '`': return go(State::backtick_value);
    default: return go(State::unquoted_value);
  }
}

/// At the very beginning the opening quote is the page's, not the value's.
HtmlTokenizer::Step HtmlTokenizer::quoted_value(HtmlToken& token, char quote) {
  if (pos_ > 0) ++pos_;
  const std::size_t end = text_.find(quote, pos_);
  if (end == kNone) return give(token, Kind::attribute_value, text_.size(), text_.size(), State::end);
  return give(token, Kind::attribute_value, end, end + 1, State::after_quoted_value);
}

HtmlTokenizer::Step HtmlTokenizer::unquoted_value(HtmlToken& token) {
  for (std::size_t end = pos_; end < text_.size(); ++end) {
    if (is_white(text_[end])) return give(token, Kind::attribute_value, end, end + 1, State::before_attribute_name);
    if (text_[end] == '>') return give(token, Kind::attribute_value, end, end, State::tag_name_end);
  }
  return give(token, Kind::attribute_value, text_.size(), text_.size(), State::end);
}

HtmlTokenizer::Step HtmlTokenizer::after_quoted_value(HtmlToken& token) {
  if (ended()) return Step::end;
  const char c = text_[pos_];
  if (c == '/') return go(State::self_closing, 1);
  if (c == '>') return give(token, Kind::tag_name_end, pos_ + 1, pos_ + 1, State::data);
  return go(State::before_attribute_name, is_white(c) ? 1 : 0);
}

HtmlTokenizer::Step HtmlTokenizer::self_closing(HtmlToken& token) {
  if (ended()) return Step::end;
  if (text_[pos_] != '>') return go(State::before_attribute_name);
  --pos_;
  return give(token, Kind::self_close, pos_ + 2, pos_ + 2, State::data);
}

HtmlTokenizer::Step HtmlTokenizer::markup_declaration() {
  const std::string_view rest = text_.substr(std::min(pos_, text_.size()));
  if (equals_ignoring_case(rest.substr(0, 7), "doctype")) return go(State::doctype);
  if (rest.starts_with("[CDATA[")) return go(State::cdata, 7);
  if (rest.starts_with("--")) return go(State::comment, 2);
  return go(State::bogus_comment);
}

/// Up to `-->` or `-!>`, with any NULs in between.
HtmlTokenizer::Step HtmlTokenizer::comment(HtmlToken& token) {
  const auto past_nuls = [this](std::size_t at) {
    while (at < text_.size() && text_[at] == '\0') ++at;
    return at;
  };
  for (std::size_t dash = text_.find('-', pos_); dash != kNone && dash + 3 <= text_.size(); dash = text_.find('-', dash + 1)) {
    const std::size_t second = past_nuls(dash + 1);
    if (second == text_.size()) break;
    if (text_[second] != '-' && text_[second] != '!') continue;
    const std::size_t third = past_nuls(second + 1);
    if (third == text_.size()) break;
    if (text_[third] == '>') return give(token, Kind::comment, dash, third + 1, State::data);
  }
  return give(token, Kind::comment, text_.size(), text_.size(), State::end);
}

HtmlTokenizer::Step HtmlTokenizer::until(HtmlToken& token, Kind kind, std::string_view mark) {
  const std::size_t end = text_.find(mark, pos_);
  if (end == kNone) return give(token, kind, text_.size(), text_.size(), State::end);
  return give(token, kind, end, end + mark.size(), State::data);
}

}  // namespace bulwark::waf::xss
