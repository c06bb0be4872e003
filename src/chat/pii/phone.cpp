// First the run of digits and separators, then whether its digits and groups make a telephone number.
#include "chat/pii/phone.h"

#include <algorithm>
#include <array>

namespace bulwark::chat::pii {

namespace {

constexpr std::size_t kMaxDigits = 15;  // E.164 §6.1
constexpr std::size_t kMaxGroups = 8;
constexpr std::size_t kMaxExtension = 6;
constexpr std::size_t kContextBytes = 40;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/// A run as written: "+49 (0)30 123-456" has digits 4930123456 … in groups 2, 1, 2, 3, 3.
struct Run {
  std::array<std::size_t, kMaxGroups> group_size{};
  std::array<std::size_t, kMaxGroups> group_end{};
  std::size_t groups = 0;
  std::size_t digits = 0;
  std::size_t end = 0;
  char first_digit = 0;
  char second_digit = 0;
  bool plus = false;
  bool parenthesis = false;
  bool dots_only = true;  ///< separators are dots: versions and dates look like this
  bool slash = false;
};

bool separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')'; }

Run read_run(std::string_view text, std::size_t at) {
  Run run;
  std::size_t i = at;
  if (text[i] == '+') run.plus = true, ++i;
  std::size_t gap = 0;
  int open = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (digit(c)) {
      if (gap > 0 || run.groups == 0) {
        if (run.groups == kMaxGroups) break;
        run.group_size[run.groups++] = 0;
      }
      if (run.digits == 0) run.first_digit = c;
      if (run.digits == 1) run.second_digit = c;
      gap = 0;
      ++run.group_size[run.groups - 1];
      run.group_end[run.groups - 1] = run.end = i + 1;
      if (++run.digits > kMaxDigits + 3) break;  // an international prefix may come on top
    } else if (separator(c) && gap < 3 && (i == at || text[i - 1] != c || c == '(')) {
      if (c == '(' && (++open > 1 || run.parenthesis)) break;
      if (c == ')' && --open < 0) break;
      if (c == '(') run.parenthesis = true;
      if (c == '/') run.slash = true;
      if (c != '.') run.dots_only = false;
      ++gap;
    } else {
      break;
    }
    ++i;
  }
  if (run.groups < 2) run.dots_only = false;
  return run;
}

bool word_before(std::string_view text, std::size_t at) {
  static constexpr std::array<std::string_view, 18> kWords = {"phone",    "tel",   "call",      "mobile",  "cell",     "fax",
                                                              "whatsapp", "sms",   "text me",   "contact", "reach",    "dial",
                                                              "ring",     "handy", "rufnummer", "movil",   "portable", "number is"};
  char lower[kContextBytes];
  const std::size_t size = std::min(at, kContextBytes);
  for (std::size_t i = 0; i < size; ++i) {
    const char c = text[at - size + i];
    lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  const std::string_view before(lower, size);
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return before.find(word) != std::string_view::npos; });
}

/// "030 1234 office", "55501234 (mobile)": what a signature says behind a number.
bool word_after(std::string_view text, std::size_t end) {
  static constexpr std::array<std::string_view, 6> kWords = {"office", "fax", "mobile", "phone", "cell", "home"};
  std::size_t at = end;
  while (at < text.size() && at - end < 3 && (text[at] == ' ' || text[at] == '-' || text[at] == '(' || text[at] == ',')) ++at;
  char lower[6];
  const std::string_view next = text.substr(at, sizeof lower);
  std::transform(next.begin(), next.end(), lower, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return std::string_view(lower, next.size()).starts_with(word); });
}

/// Area code, exchange and line of the North American plan, with or without country code: 3-3-4 groups, or 10 digits in "(ddd)".
bool north_american(std::string_view text, std::size_t at, const Run& run) {
  const std::size_t skip = run.group_size[0] == 1 && run.first_digit == '1'        ? 1
                           : run.group_size[0] == 3 && text.substr(at, 3) == "001" ? 1
                                                                                   : 0;
  if (run.groups < skip + 3) return false;
  const auto& size = run.group_size;
  return size[skip] == 3 && size[skip + 1] == 3 && size[skip + 2] == 4 && !run.slash;
}

/// A trunk zero and at least two groups, as in most of Europe: "030 1234567", "0151-234 567 89".
bool trunk_zero(const Run& run) {
  return run.first_digit == '0' && run.second_digit != '0' && run.digits >= 9 && run.digits <= 12 && run.groups >= 2 &&
         run.group_size[0] >= 3 && !run.dots_only;
}

bool plausible(std::string_view text, std::size_t at, const Run& run) {
  if (run.plus) return run.digits >= 8 && run.digits <= kMaxDigits && run.first_digit != '0';
  const bool international = run.first_digit == '0' && run.second_digit == '0' && run.digits >= 10;
  if (international && (run.groups >= 2 || word_before(text, at))) return true;
  if (north_american(text, at, run) || trunk_zero(run)) return true;
  if (run.parenthesis && run.digits >= 8 && run.digits <= 12) return true;
  return run.digits >= 7 && run.digits <= 13 && !run.dots_only && (word_before(text, at) || word_after(text, run.end));
}

/// ", ext. 12", "x123" after the number belongs to it.
std::size_t with_extension(std::string_view text, std::size_t end) {
  std::size_t i = end;
  while (i < text.size() && i - end < 2 && (text[i] == ' ' || text[i] == ',')) ++i;
  if (text.substr(i).starts_with("ext")) {
    i += 3;
    for (std::size_t gap = 0; gap < 3 && i < text.size() && (text[i] == '.' || text[i] == ' '); ++gap) ++i;
  } else if (text.substr(i).starts_with("x")) {
    ++i;
  } else {
    return end;
  }
  const std::size_t begin = i;
  while (i < text.size() && i - begin < kMaxExtension && digit(text[i])) ++i;
  return i > begin ? i : end;
}

}  // namespace

std::size_t phone_end(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (!digit(c) && c != '+' && c != '(') return 0;
  if (at > 0 && (digit(text[at - 1]) || letter(text[at - 1]) || text[at - 1] == '_' || text[at - 1] == '+')) return 0;
  if (at > 1 && (text[at - 1] == '.' || text[at - 1] == '-' || text[at - 1] == '/') && digit(text[at - 2])) return 0;
  const Run run = read_run(text, at);
  if (run.digits < 7 || !plausible(text, at, run)) return 0;
  const std::size_t end = with_extension(text, run.end);
  const bool goes_on = end < text.size() && (digit(text[end]) || (letter(text[end]) && end == run.end) || text[end] == '_');
  return goes_on ? 0 : end;
}

}  // namespace bulwark::chat::pii
