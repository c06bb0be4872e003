// Each form has a mark that is looked for first; the name around the mark is then read in both directions.
#include "chat/pii/accounts.h"

#include <algorithm>

namespace bulwark::chat::pii {

namespace {

constexpr std::size_t kMaxName = 256;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool alnum(char c) { return digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }
bool host_char(char c) { return alnum(c) || c == '-' || c == '.' || c == '_'; }
bool path_char(char c) { return host_char(c) || c == '/' || c == ':' || c == '*' || c == '{' || c == '}' || c == '$'; }

template <class F>
std::size_t forward(std::string_view text, std::size_t at, F part_of) {
  const std::size_t most = std::min(text.size(), at + kMaxName);
  while (at < most && part_of(text[at])) ++at;
  return at;
}

template <class F>
std::size_t backward(std::string_view text, std::size_t at, F part_of) {
  const std::size_t least = at - std::min(at, kMaxName);
  while (at > least && part_of(text[at - 1])) --at;
  return at;
}

/// A mark in a name: whose name, and what else must be there.
struct Mark {
  std::string_view text;
  bool host_before;  ///< a label of its own stands before it
  bool path_after;   ///< or a path behind it
};

constexpr Mark kMarks[] = {{"arn:aws", false, true},
                           {"amazonaws.com", true, true},
                           {"storage.googleapis.com", true, true},
                           {".apps.googleusercontent.com", true, false},
                           {".myshopify.com", true, false},
                           {".blob.core.windows.net", true, true}};

/// "s3.eu-west-1" before amazonaws.com is the service, not a customer of it.
bool names_customer(std::string_view host) {
  const std::size_t service = host.find("s3");
  return service == std::string_view::npos ? host.find("execute-api") != std::string_view::npos : service > 1;
}

bool around(std::string_view text, std::size_t at, const Mark& mark, Span& span) {
  const std::size_t after = at + mark.text.size();
  const std::size_t begin = mark.host_before ? backward(text, at, host_char) : at;
  const std::size_t end = mark.path_after ? forward(text, after, path_char) : after;
  const bool amazon = mark.text == "amazonaws.com";
  const bool storage = amazon && text.substr(begin, at - begin).find("s3") != std::string_view::npos;
  if (amazon && !storage) return false;
  const bool host = mark.host_before && (amazon ? names_customer(text.substr(begin, at - begin)) : at > begin + (mark.text.front() != '.'));
  const bool path = mark.path_after && end > after + 2;
  span = {begin, end, Kind::account};
  if (text.substr(begin, end - begin).find("::aws:") != std::string_view::npos) return false;  // Amazon's own
  return host || path;
}

/// "aws_account_id = 891511536143".
bool account_number(std::string_view text, std::size_t at, Span& span) {
  const std::size_t end = forward(text, at, digit);
  constexpr std::size_t kDigits = 12;
  const std::string_view before = text.substr(at - std::min<std::size_t>(at, 24), std::min<std::size_t>(at, 24));
  span = {at, end, Kind::account};
  return end - at == kDigits && (before.find("account") != std::string_view::npos || before.find("ACCOUNT") != std::string_view::npos) &&
         before.find_first_of("=:") != std::string_view::npos;
}

/// "MAILER_USERNAME=bowie": settings in capitals, as programs read them from their environment.
bool login_name(std::string_view text, std::size_t sign, Span& span) {
  const std::size_t begin = backward(text, sign, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || digit(c); });
  const std::string_view name = text.substr(begin, sign - begin);
  if (!name.ends_with("_USER") && !name.ends_with("_USERNAME")) return false;
  span = {sign + 1, forward(text, sign + 1, [](char c) { return alnum(c) || c == '_' || c == '-' || c == '.'; }), Kind::account};
  return span.end > span.begin + 2;
}

}  // namespace

void recognise_accounts(std::string_view text, std::vector<Span>& out) {
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  Span span;
  for (const Mark& mark : kMarks)
    for (std::size_t at = text.find(mark.text); at != std::string_view::npos; at = text.find(mark.text, at + 1))
      if (around(text, at, mark, span)) out.push_back(span), at = std::max(at, span.end - 1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool number = digit(text[at]) && (at == 0 || !digit(text[at - 1])) && account_number(text, at, span);
    if (number || (text[at] == '=' && login_name(text, at, span))) out.push_back(span);
  }
  std::sort(out.begin() + first, out.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::size_t floor = 0;
  out.erase(std::remove_if(out.begin() + first, out.end(),
                           [&](const Span& each) {
                             const bool overlaps = each.begin < floor;
                             if (!overlaps) floor = each.end;
                             return overlaps;
                           }),
            out.end());
}

}  // namespace bulwark::chat::pii
