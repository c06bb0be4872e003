// E-mail addresses first, by their '@'; then one scan over digits, colons and IBAN starts in what lies between them.
#include "chat/pii/recogniser.h"

#include <algorithm>
#include <array>

#include "base/ip.h"
#include "chat/pii/accounts.h"
#include "chat/pii/checksums.h"
#include "chat/pii/phone.h"
#include "chat/pii/secrets.h"

namespace bulwark::chat::pii {

namespace {

constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321 §4.5.3.1.1
constexpr std::size_t kMaxDomain = 255;    // RFC 5321 §4.5.3.1.2
constexpr std::size_t kMaxIpText = 45;     // the longest IPv6 text form with an embedded IPv4
constexpr std::size_t kMinCard = 13;
constexpr std::size_t kMaxCard = 19;  // ISO/IEC 7812-1

enum : std::uint8_t { kDigit = 1, kLetter = 2, kHex = 4, kLocal = 8, kDomain = 16, kUpper = 32 };

constexpr std::array<std::uint8_t, 256> kClass = [] {
  std::array<std::uint8_t, 256> table{};
  for (int c = 0; c < 256; ++c) {
    std::uint8_t bits = 0;
    const bool digit = c >= '0' && c <= '9';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (digit) bits |= kDigit;
    if (upper) bits |= kUpper;
    if (upper || lower) bits |= kLetter;
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) bits |= kHex;
    if (digit || upper || lower || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' || c == '\'' || c >= 0x80) bits |= kLocal;
    if (digit || upper || lower || c == '.' || c == '-' || c >= 0x80) bits |= kDomain;
    table[static_cast<std::size_t>(c)] = bits;
  }
  return table;
}();

bool is(char c, unsigned bits) { return (kClass[static_cast<unsigned char>(c)] & bits) != 0; }
bool alnum_before(std::string_view text, std::size_t at) { return at > 0 && is(text[at - 1], kDigit | kLetter); }
bool alnum_at(std::string_view text, std::size_t at) { return at < text.size() && is(text[at], kDigit | kLetter); }

/// The end of a domain that starts at `at`: at least two labels, the last one of two or more letters; 0 if there is none.
std::size_t domain_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end - at < kMaxDomain && is(text[end], kDomain)) ++end;
  while (end > at) {
    while (end > at && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
    const std::size_t dot = text.substr(at, end - at).rfind('.');
    if (dot == std::string_view::npos || dot == 0) return 0;
    const std::string_view last = text.substr(at + dot + 1, end - at - dot - 1);
    const bool letters = std::none_of(last.begin(), last.end(), [](char c) { return is(c, kDigit); });
    if (letters && last.size() >= 2) return end;
    end = at + dot;
  }
  return 0;
}

/// "https://host/…" and "www.host…", each to its last character that is not punctuation of the sentence.
void find_urls(std::string_view text, std::vector<Span>& out) {
  constexpr std::size_t kMaxUrl = 2'048;
  for (std::size_t at = text.find_first_of(":w"); at != std::string_view::npos; at = text.find_first_of(":w", at + 1)) {
    std::size_t begin = at;
    if (text.substr(at).starts_with("://")) {
      while (begin > 0 && at - begin < 8 && is(text[begin - 1], kLetter)) --begin;
      if (begin == at) continue;
    } else if (!text.substr(at).starts_with("www.") || alnum_before(text, at)) {
      continue;
    }
    std::size_t end = at + 3;
    while (end < text.size() && end - begin<kMaxUrl&& static_cast<unsigned char>(text[end])> ' ' &&
           std::string_view("\"'<>`{}|\\^").find(text[end]) == std::string_view::npos)
      ++end;
    while (end > at + 3 && std::string_view(".,;:!?)]").find(text[end - 1]) != std::string_view::npos) --end;
    if (end < at + 7) continue;
    out.push_back({begin, end, Kind::url});
    at = end;
  }
}

void find_emails(std::string_view text, std::vector<Span>& out) {
  std::size_t floor = 0;
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > floor && at - begin < kMaxLocalPart && is(text[begin - 1], kLocal)) --begin;
    while (begin < at && (text[begin] == '.' || text[begin] == '\'' || text[begin] == '-' || text[begin] == '%')) ++begin;
    const std::size_t end = begin < at && text[at - 1] != '.' ? domain_end(text, at + 1) : 0;
    if (end == 0) continue;
    out.push_back({begin, end, Kind::email});
    floor = end;
    at = end - 1;
  }
}

/// Twelve digits are some cards' (Maestro) and much else's: only after a word that says so.
bool speaks_of_card(std::string_view text, std::size_t at) {
  constexpr std::size_t kNear = 40;
  const std::string_view before = text.substr(at - std::min(at, kNear), std::min(at, kNear));
  return before.find("card") != std::string_view::npos || before.find("Card") != std::string_view::npos;
}

/// A card in one to five groups, which begins at `at`; the longest length that passes the check wins.
std::size_t card_end(std::string_view text, std::size_t at) {
  const bool jcb = text.substr(at).starts_with("1800");  // and fifteen digits in all
  if (((text[at] < '2' || text[at] > '6') && !jcb) || alnum_before(text, at)) return 0;
  char digits[kMaxCard];
  std::size_t count = 0;
  std::size_t best = 0;
  char separator = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (is(c, kDigit)) {
      if (count == kMaxCard) break;
      digits[count++] = c;
      if ((count >= kMinCard || (count + 1 == kMinCard && speaks_of_card(text, at))) && !alnum_at(text, i + 1) &&
          luhn_valid({digits, count}))
        best = i + 1;
    } else if ((c == ' ' || c == '-') && (separator == 0 || separator == c) && i + 1 < text.size() && is(text[i + 1], kDigit)) {
      separator = c;
    } else {
      break;
    }
  }
  const bool one_digit_only = std::all_of(digits, digits + count, [&](char c) { return c == digits[0]; });
  return one_digit_only ? 0 : best;
}

/// An IBAN in any case, written together or in groups apart by single spaces.
std::size_t iban_end(std::string_view text, std::size_t at) {
  if (alnum_before(text, at) || at + 4 >= text.size()) return 0;
  if (!is(text[at], kLetter) || !is(text[at + 1], kLetter) || !is(text[at + 2], kDigit) || !is(text[at + 3], kDigit)) return 0;
  char iban[34];
  const auto upper = [](char c) { return is(c, kLetter) ? static_cast<char>(c & ~0x20) : c; };
  const char country[2] = {upper(text[at]), upper(text[at + 1])};
  const std::size_t length = iban_length({country, 2});
  std::size_t count = 0;
  for (std::size_t i = at; i < text.size() && length > 0; ++i) {
    const char c = text[i];
    if (is(c, kDigit | kLetter)) {
      iban[count++] = upper(c);
      if (count == length) return !alnum_at(text, i + 1) && iban_valid({iban, length}) ? i + 1 : 0;
    } else if (!((c == ' ' || c == '-') && i + 1 < text.size() && is(text[i + 1], kDigit | kLetter))) {
      return 0;
    }
  }
  return 0;
}

/// A United States social security number as it is written: area, group, serial; none of them zero, no area that was never given out.
std::size_t ssn_end(std::string_view text, std::size_t at) {
  constexpr std::size_t kSize = 11;
  if (at + kSize > text.size() || alnum_before(text, at) || alnum_at(text, at + kSize)) return 0;
  if (at > 0 && (text[at - 1] == '-' || text[at - 1] == '.')) return 0;
  const std::string_view number = text.substr(at, kSize);
  for (std::size_t i = 0; i < kSize; ++i) {
    const bool dash = i == 3 || i == 6;
    if (dash ? number[i] != '-' : !is(number[i], kDigit)) return 0;
  }
  const std::string_view area = number.substr(0, 3);
  const bool given = area != "000" && area != "666" && area[0] != '9' && number.substr(4, 2) != "00" && number.substr(7) != "0000";
  return given ? at + kSize : 0;
}

std::size_t ipv4_end(std::string_view text, std::size_t at) {
  if (alnum_before(text, at) || (at > 0 && text[at - 1] == '.')) return 0;
  std::size_t i = at;
  for (int octet = 0; octet < 4; ++octet) {
    unsigned value = 0;
    const std::size_t begin = i;
    while (i < text.size() && i - begin < 3 && is(text[i], kDigit)) value = value * 10 + static_cast<unsigned>(text[i++] - '0');
    if (i == begin || value > 255 || (i - begin > 1 && text[begin] == '0')) return 0;
    if (octet < 3 && (i >= text.size() || text[i++] != '.')) return 0;
  }
  const bool longer = alnum_at(text, i) || (i + 1 < text.size() && text[i] == '.' && is(text[i + 1], kDigit));
  // 0.x.x.x and 127.x.x.x name nobody.
  const std::string_view first = text.substr(at, text.find('.', at) - at);
  return longer || first == "0" || first == "127" ? 0 : i;
}

/// An IPv6 address around the colon at `colon`, not reaching below `floor`. Short words around "::" (C++, Perl) are none.
bool ipv6_around(std::string_view text, std::size_t colon, std::size_t floor, Span& span) {
  const auto part = [](char c) { return is(c, kHex) || c == ':' || c == '.'; };
  std::size_t begin = colon;
  while (begin > floor && colon - begin < 4 && is(text[begin - 1], kHex)) --begin;
  std::size_t end = colon;
  while (end < text.size() && end - begin <= kMaxIpText && part(text[end])) ++end;
  while (end > colon + 1 && (text[end - 1] == '.' || (text[end - 1] == ':' && text[end - 2] != ':'))) --end;
  if (alnum_before(text, begin) || alnum_at(text, end) || end - begin > kMaxIpText) return false;
  const std::string_view word = text.substr(begin, end - begin);
  const auto colons = std::count(word.begin(), word.end(), ':');
  const bool has_digit = std::any_of(word.begin(), word.end(), [](char c) { return is(c, kDigit); });
  const bool leading_group = colon - begin >= 3;
  if (colons < 2 || !has_digit || !(leading_group || colons >= 4) || !IpAddress::parse(word).ok()) return false;
  span = {begin, end, Kind::ip};
  return true;
}

bool find_at(std::string_view text, std::size_t at, std::size_t floor, Span& span) {
  const char c = text[at];
  if (c == ':') return at + 2 < text.size() && ipv6_around(text, at, floor, span);
  if (is(c, kLetter)) {
    const std::size_t end = iban_end(text, at);
    span = {at, end, Kind::iban};
    return end != 0;
  }
  if (is(c, kDigit)) {
    if (const std::size_t end = ssn_end(text, at)) return span = {at, end, Kind::ssn}, true;
    if (const std::size_t end = card_end(text, at)) return span = {at, end, Kind::card}, true;
    if (const std::size_t end = ipv4_end(text, at)) return span = {at, end, Kind::ip}, true;
  }
  const std::size_t end = phone_end(text, at);
  span = {at, end, Kind::phone};
  return end != 0;
}

/// Digits begin cards, addresses and numbers; letters only matter where two of them come before two digits.
bool may_begin(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (is(c, kDigit)) return at == 0 || !is(text[at - 1], kDigit);
  if (c == '+' || c == '(' || c == ':') return true;
  return is(c, kLetter) && at + 4 < text.size() && is(text[at + 2], kDigit) && is(text[at + 1], kLetter);
}

void find_numbers(std::string_view text, std::size_t begin, std::size_t end, std::vector<Span>& out) {
  const std::string_view region = text.substr(0, end);
  std::size_t floor = begin;
  for (std::size_t at = begin; at < end; ++at) {
    Span span;
    if (!may_begin(region, at) || !find_at(region, at, floor, span)) continue;
    out.push_back(span);
    floor = span.end;
    at = span.end - 1;
  }
}

/// What `find` finds wins over what lies in it or across its end: "user:pass@host.example" is no e-mail address.
template <class F>
void merge(std::string_view text, std::size_t first, std::vector<Span>& out, F find) {
  const auto others = static_cast<std::ptrdiff_t>(out.size());
  find(text, out);
  const auto secrets = out.begin() + others;
  const auto covered = [&](const Span& span) {
    const auto next = std::lower_bound(secrets, out.end(), span.begin, [](const Span& secret, std::size_t at) { return secret.end <= at; });
    return next != out.end() && next->begin < span.end;
  };
  const auto kept = std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(first), secrets, covered);
  out.erase(kept, secrets);
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
}

}  // namespace

void recognise(std::string_view text, const KindSet& wanted, std::vector<Span>& out) {
  const std::size_t first = out.size();
  find_emails(text, out);
  const std::size_t emails = out.size() - first;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < emails; ++i) {
    const Span email = out[first + i];
    find_numbers(text, begin, email.begin, out);
    begin = email.end;
  }
  find_numbers(text, begin, text.size(), out);
  if (wanted.test(static_cast<std::size_t>(Kind::url))) merge(text, first, out, find_urls);
  if (wanted.test(static_cast<std::size_t>(Kind::account))) merge(text, first, out, recognise_accounts);
  if (wanted.test(static_cast<std::size_t>(Kind::secret))) merge(text, first, out, recognise_secrets);
  const auto unwanted = [&](const Span& span) { return !wanted.test(static_cast<std::size_t>(span.kind)); };
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), unwanted), out.end());
}

}  // namespace bulwark::chat::pii
