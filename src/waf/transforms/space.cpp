// White space and NUL bytes: trim*, compressWhitespace, removeWhitespace, removeNulls, replaceNulls.
#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::uint8_t kNoBreakSpace[] = {0xc2, 0xa0};  // U+00A0 in UTF-8; either byte goes, wherever it stands, as in the reference

constexpr bool is_dropped(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return is_space(c) || byte == kNoBreakSpace[0] || byte == kNoBreakSpace[1];
}

std::string_view without_leading_space(std::string_view in) {
  while (!in.empty() && is_space(in.front())) in.remove_prefix(1);
  return in;
}

std::string_view without_trailing_space(std::string_view in) {
  while (!in.empty() && is_space(in.back())) in.remove_suffix(1);
  return in;
}

bool keep(std::string_view part, std::string_view in, std::string& out) {
  if (part.size() == in.size()) return false;
  out.assign(part);
  return true;
}

}  // namespace

bool trim(std::string_view in, std::string& out) { return keep(without_leading_space(without_trailing_space(in)), in, out); }
bool trim_left(std::string_view in, std::string& out) { return keep(without_leading_space(in), in, out); }
bool trim_right(std::string_view in, std::string& out) { return keep(without_trailing_space(in), in, out); }

bool compress_whitespace(std::string_view in, std::string& out) {
  bool changed = false;
  std::size_t copied = 0;
  for (std::size_t at = find_lane(in, lanes_of_space); at != kNone; at = find_lane(in, lanes_of_space, at)) {
    std::size_t end = at + 1;
    while (end < in.size() && is_space(in[end])) ++end;
    if (end - at > 1 || in[at] != ' ') {
      out.append(in, copied, at - copied).push_back(' ');
      copied = end;
      changed = true;
    }
    at = end;
  }
  if (changed) out.append(in, copied);
  return changed;
}

bool remove_whitespace(std::string_view in, std::string& out) {
  const auto unwanted = [](ByteLanes lanes) { return lanes_of_space(lanes) | (lanes == kNoBreakSpace[0]) | (lanes == kNoBreakSpace[1]); };
  const std::size_t first = find_lane(in, unwanted);
  if (first == kNone) return false;
  out.assign(in, 0, first);
  for (const char c : in.substr(first)) {
    if (!is_dropped(c)) out.push_back(c);
  }
  return true;
}

bool remove_nulls(std::string_view in, std::string& out) {
  std::size_t at = find_any<0>(in);
  if (at == kNone) return false;
  for (std::size_t from = 0;; at = find_any<0>(in, from)) {
    out.append(in, from, at == kNone ? kNone : at - from);
    if (at == kNone) return true;
    from = at + 1;
  }
}

bool replace_nulls(std::string_view in, std::string& out) {
  std::size_t at = find_any<0>(in);
  if (at == kNone) return false;
  out.assign(in);
  for (; at != kNone; at = find_any<0>(in, at + 1)) out[at] = ' ';
  return true;
}

}  // namespace bulwark::waf::steps
