// Line by line to the end of a head: two memchr a line, nothing looked at twice.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "wire/http/characters.h"
#include "wire/http/head.h"
#include "wire/http/refusals.h"

namespace bulwark::http {
namespace {

bool has_bare_cr(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('\r', from); at != std::string_view::npos; at = text.find('\r', at + 1))
    if (at + 1 < text.size() && text[at + 1] != '\n') return true;
  return false;
}

}  // namespace

HeadScanner::State HeadScanner::refuse(const Refusal& refusal) {
  refusal_ = refusal;
  return State::refused;
}

/// `line` with its CRLF.
HeadScanner::State HeadScanner::end_line(std::string_view line, bool& ended) {
  const auto* carriage = static_cast<const char*>(std::memchr(line.data(), '\r', line.size()));
  if (carriage == nullptr) return refuse(refusals::kBareLf);
  if (carriage != line.data() + line.size() - 2) return refuse(refusals::kBareCr);
  if (line.size() > 2) {
    started_ = true;
    return State::more;
  }
  if (started_) {
    ended = true;
    return State::complete;
  }
  if (kind_ == Kind::response || skipped_ != 0) return refuse(refusals::kStartLine);
  skipped_ = 2;
  return State::more;
}

HeadScanner::State HeadScanner::scan(std::string_view buffer, const HeadLimits& limits) {
  while (scanned_ < buffer.size()) {
    const char* from = buffer.data() + scanned_;
    if (!started_ && line_begin_ == scanned_ && !has(*from, kToken) && *from != '\r' && *from != '\n')
      return refuse(kind_ == Kind::request ? refusals::kStartLine : refusals::kStatus);  // not HTTP at all
    const auto* feed = static_cast<const char*>(std::memchr(from, '\n', buffer.size() - scanned_));
    const std::size_t line_end = feed != nullptr ? static_cast<std::size_t>(feed - buffer.data()) + 1 : buffer.size();
    const bool start_line = kind_ == Kind::request && !started_;
    const std::size_t limit = std::min(limits.max_bytes + skipped_, start_line ? line_begin_ + limits.max_line : SIZE_MAX);
    if (feed == nullptr || line_end > limit) {
      // A lone CR is refused before a limit that comes after it, so that the verdict does not depend on how the bytes were cut.
      const std::size_t again = scanned_ > line_begin_ ? scanned_ - 1 : scanned_;  // a CR may have been the last byte so far
      if (has_bare_cr(buffer.substr(0, std::min(line_end, limit + 1)), again)) return refuse(refusals::kBareCr);
      if (line_end > limit) return refuse(limit < limits.max_bytes + skipped_ ? refusals::kLineTooLong : refusals::kHeadTooLarge);
      scanned_ = buffer.size();
      return State::more;
    }
    bool ended = false;
    const State state = end_line(buffer.substr(line_begin_, line_end - line_begin_), ended);
    if (state == State::refused) return state;
    line_begin_ = scanned_ = line_end;
    if (ended) return state;
  }
  return State::more;
}

}  // namespace bulwark::http
