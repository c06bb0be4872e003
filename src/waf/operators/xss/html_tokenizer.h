// Cuts a value into HTML tokens the way browsers do (HTML5's tokenizer, with what old Internet Explorers add: NULs within names,
// backticks as quotes, <% comments).
#pragma once

#include <cstdint>
#include <string_view>

namespace bulwark::waf::xss {

enum class Kind : std::uint8_t { text, tag_open, tag_close, tag_name_end, self_close, attribute_name, attribute_value, comment, doctype };

/// Where in a page the value may have landed.
enum class Place : std::uint8_t { text, unquoted_value, single_quoted_value, double_quoted_value, backtick_value };

struct HtmlToken {
  Kind kind = Kind::text;
  std::string_view text;
};

class HtmlTokenizer {
 public:
  HtmlTokenizer(std::string_view text, Place place);

  /// False at the end.
  bool next(HtmlToken& token);

 private:
  /// What stands at pos_. A step reads it and says what comes next.
  enum class State : std::uint8_t {
    end,
    data,
    tag_open,
    end_tag_open,
    tag_name,
    tag_name_end,
    before_attribute_name,
    attribute_name,
    after_attribute_name,
    before_attribute_value,
    unquoted_value,
    single_quoted_value,
    double_quoted_value,
    backtick_value,
    after_quoted_value,
    self_closing,
    markup_declaration,
    comment,
    cdata,
    bogus_comment,
    percent_comment,
    doctype,
  };
  enum class Step : std::uint8_t { token, again, end };

  Step step(HtmlToken& token);
  Step data(HtmlToken& token);
  Step tag_open(HtmlToken& token);
  Step end_tag_open();
  Step tag_name(HtmlToken& token);
  Step before_attribute_name(HtmlToken& token);
  Step attribute_name(HtmlToken& token);
  Step after_attribute_name();
  Step before_attribute_value();
  Step quoted_value(HtmlToken& token, char quote);
  Step unquoted_value(HtmlToken& token);
  Step after_quoted_value(HtmlToken& token);
  Step self_closing(HtmlToken& token);
  Step markup_declaration();
  Step comment(HtmlToken& token);
  Step until(HtmlToken& token, Kind kind, std::string_view mark);

  Step go(State state) {
    state_ = state;
    return Step::again;
  }
  Step go(State state, std::size_t skipped) {
    pos_ += skipped;
    return go(state);
  }
  /// The token [pos_, end), after which reading goes on at `next` in `state`.
  Step give(HtmlToken& token, Kind kind, std::size_t end, std::size_t next, State state);
  bool ended() const { return pos_ >= text_.size(); }
  void skip_white();

  std::string_view text_;
  std::size_t pos_ = 0;
  State state_;
  bool closing_ = false;  ///< within </name
};

}  // namespace bulwark::waf::xss
