// Most windows are prose, for which counting seams is all that is done.
#include "chat/injection/gibberish.h"

#include <algorithm>

namespace bulwark::chat::injection {

namespace {

constexpr std::size_t kMinSoup = 24;  // shorter texts are names and greetings

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
bool capital(char c) { return c >= 'A' && c <= 'Z'; }
bool small(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool blank(char c) { return static_cast<unsigned char>(c) <= ' '; }
bool sign(char c) { return !capital(c) && !small(c) && !digit(c) && !blank(c); }

char shape_of(char c) { return small(c) ? 'w' : capital(c) ? '^' : digit(c) ? '#' : blank(c) ? '_' : c; }

}  // namespace

std::size_t seams(std::string_view window) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < window.size(); ++i) {
    const char before = window[i - 1];
    const char c = window[i];
    count += (small(before) && capital(c)) || (sign(before) && (small(c) || capital(c)) && i > 1 && !blank(window[i - 2]));
  }
  return count;
}

std::string shaped(std::string_view window) {
  std::string out;
  out.reserve(2 * window.size() + 1);
  for (const char c : window) out.push_back(capital(c) ? static_cast<char>(c | 0x20) : blank(c) ? ' ' : c);
  out.push_back(' ');
  for (const char c : window)
    if (const char shape = shape_of(c); shape != out.back() || sign(c)) out.push_back(shape);
  return out;
}

Soup find_soup(std::string_view text, const LinearModel& model, FeatureSet& scratch) {
  Soup best;
  if (text.size() > kMaxSoupBytes) text.remove_prefix(text.size() - kMaxSoupBytes);
  for (std::size_t end = text.size(); end >= kMinSoup;) {
    std::size_t begin = end - std::min(end, kSoupWindow);
    while (begin < end && continues(text[begin])) ++begin;
    const std::string_view window = text.substr(begin, end - begin);
    if (seams(window) >= kMinSeams) {
      scratch.extract(shaped(window));
      if (const float score = model.score(scratch); score > best.score) best = {score, window};
    }
    if (begin == 0 || begin == end) break;
    end = begin;
  }
  return best;
}

}  // namespace bulwark::chat::injection
