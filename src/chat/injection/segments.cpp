// A full stop ends a sentence only before a blank and not in the first letters: "e.g. this" and "1. First" stay whole. The full stops of
// Chinese and Japanese, Hindi and Arabic need no blank.
#include "chat/injection/segments.h"

#include <algorithm>

namespace bulwark::chat::injection {

namespace {

constexpr std::size_t kMinSentence = 20;

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

void keep(std::string_view piece, std::vector<std::string_view>& out) {
  piece = trimmed(piece);
  if (piece.size() >= kMinSegmentBytes && out.size() < kMaxSegments) out.push_back(piece);
}

/// The length of a sentence's end at `at` that is no ASCII character, or 0.
std::size_t foreign_stop(std::string_view text, std::size_t at) {
  constexpr std::string_view kStops[] = {"\u3002", "\uFF01", "\uFF1F", "\u0964", "\u061F", "\u06D4"};
  if (static_cast<unsigned char>(text[at]) < 0x80) return 0;
  for (const std::string_view stop : kStops)
    if (text.substr(at, stop.size()) == stop) return stop.size();
  return 0;
}

void split_line(std::string_view line, std::vector<std::string_view>& out) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const std::size_t size = i - begin;
    const bool sentence = (c == '.' || c == '!' || c == '?') && i + 1 < line.size() && line[i + 1] == ' ' && size >= kMinSentence;
    if (const std::size_t stop = foreign_stop(line, i); stop > 0 && size >= kMinSentence) {
      keep(line.substr(begin, i + stop - begin), out);
      begin = i + stop;
      i += stop - 1;
      continue;
    }
    const bool too_long = (size >= kMaxSegmentBytes && c == ' ') || size >= 2 * kMaxSegmentBytes;
    if (!sentence && !too_long) continue;
    keep(line.substr(begin, i + 1 - begin), out);
    begin = i + 1;
  }
  keep(line.substr(begin), out);
}

}  // namespace

void split_segments(std::string_view text, std::vector<std::string_view>& out) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    split_line(trimmed(text.substr(at, end - at)), out);
    at = end + 1;
  }
}

}  // namespace bulwark::chat::injection
