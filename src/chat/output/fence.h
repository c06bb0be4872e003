// Whether a place in Markdown text stands inside a fenced code block (CommonMark 0.31 §4.5), where nothing is rendered. Deliberately
// narrow: only fences of backticks at the very start of a line open one, so that no renderer is more generous than this.
#pragma once

#include <cstddef>
#include <string_view>

namespace bulwark::chat::output {

class Fence {
 public:
  bool open() const { return open_; }

  void step(char c) {
    if (c == '\n') {
      end_of_line();
      return;
    }
    if (c == '`' && ticks_ == column_)
      ++ticks_;
    else if (c == '`')
      tick_later_ = true;
    else if (c != ' ' && c != '\t' && c != '\r')
      text_later_ = true;
    ++column_;
  }
  void step(std::string_view text) {
    for (const char c : text) step(c);
  }

  /// Whether any text that follows means the same after both.
  bool goes_on_like(const Fence& other) const {
    return open_ == other.open_ && (!open_ || length_ == other.length_) && ticks_ == other.ticks_ &&
           (ticks_ == column_) == (other.ticks_ == other.column_) && tick_later_ == other.tick_later_ && text_later_ == other.text_later_;
  }

 private:
  static constexpr std::size_t kShortest = 3;

  void end_of_line() {
    if (!open_ && ticks_ >= kShortest && !tick_later_) {
      open_ = true;
      length_ = ticks_;
    } else if (open_ && ticks_ >= length_ && !tick_later_ && !text_later_) {
      open_ = false;
    }
    column_ = ticks_ = 0;
    tick_later_ = text_later_ = false;
  }

  bool open_ = false;
  bool tick_later_ = false;  // a backtick after the line's first run of them
  bool text_later_ = false;
  std::size_t column_ = 0;
  std::size_t ticks_ = 0;
  std::size_t length_ = 0;
};

}  // namespace bulwark::chat::output
