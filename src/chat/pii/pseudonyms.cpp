// Each kind's surrogate is spelled from a keyed hash of the value's canonical form, so that "4111 1111…" and "41111111…" get the
// same digits and every spelling of a surrogate leads back to its value.
#include "chat/pii/pseudonyms.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

#include "base/ip.h"
#include "chat/pii/checksums.h"

namespace bulwark::chat::pii {

Key derive(const Key& key, std::string_view context, std::string_view data) {
  crypto_generichash_state state;
  Key out{};
  const std::uint64_t sizes[2] = {context.size(), data.size()};
  crypto_generichash_init(&state, key.data(), key.size(), out.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(sizes), sizeof sizes);
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(context.data()), context.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(data.data()), data.size());
  crypto_generichash_final(&state, out.data(), out.size());
  return out;
}

namespace {

constexpr unsigned kMaxAttempts = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

std::string canonical_form(Kind kind, std::string_view value) {
  std::string out;
  for (char c : value) {
    if (kind == Kind::secret || kind == Kind::account)
      out.push_back(c);
    else if (kind == Kind::email || kind == Kind::ip || kind == Kind::url || kNamed.test(static_cast<std::size_t>(kind)))
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
    else if (is_digit(c))
      out.push_back(c);
    else if (is_letter(c) && kind == Kind::iban)
      out.push_back(static_cast<char>(c & ~0x20));
  }
  return out;
}

/// Draws from the 32 bytes of a hash; bounded by them, wraps around.
class Draw {
 public:
  explicit Draw(const Key& bytes) : bytes_(bytes) {}
  unsigned below(unsigned bound) { return bytes_[at_++ % bytes_.size()] % bound; }
  char digit(char from, char to) { return static_cast<char>(from + below(static_cast<unsigned>(to - from) + 1)); }

 private:
  const Key& bytes_;
  std::size_t at_ = 0;
};

/// Pronounceable, so that a model copies it without slips: "rokumi.tavelo@example.com" (RFC 2606: nobody's domain).
std::string make_email(Draw& draw) {
  static constexpr std::string_view kConsonants = "bdfgklmnprstvz";
  static constexpr std::string_view kVowels = "aeiou";
  static constexpr std::array<std::string_view, 3> kDomains = {"@example.com", "@example.org", "@example.net"};
  std::string out;
  for (int syllable = 0; syllable < 8; ++syllable) {
    if (syllable == 4) out.push_back('.');
    out.push_back(kConsonants[draw.below(kConsonants.size())]);
    out.push_back(kVowels[draw.below(kVowels.size())]);
  }
  return out.append(kDomains[draw.below(kDomains.size())]);
}

/// The brand's first digit, then zeros where the issuer would stand, then drawn digits and the check digit.
std::string make_card(std::string_view digits, Draw& draw) {
  std::string out(1, digits.front());
  out.append(5, '0');
  while (out.size() + 1 < digits.size()) out.push_back(draw.digit('0', '9'));
  out.push_back(luhn_digit(out));
  return out;
}

std::string make_iban(std::string_view iban, Draw& draw) {
  std::string out = std::string(iban.substr(0, 2)) + "00";
  for (char c : iban.substr(4)) out.push_back(is_digit(c) ? draw.digit('0', '9') : draw.digit('A', 'Z'));
  const unsigned check = iban_check_digits(out);
  out[2] = static_cast<char>('0' + check / 10);
  out[3] = static_cast<char>('0' + check % 10);
  return out;
}

/// Keeps what tells the country (or the trunk zero), draws the rest.
std::string make_phone(std::string_view value, std::string_view digits, Draw& draw) {
  const std::size_t kept = value.starts_with('+')                               ? 2
                           : digits.starts_with("00")                           ? 4
                           : digits.starts_with('0') || digits.starts_with('1') ? 1
                                                                                : 0;
  std::string out(digits.substr(0, kept));
  while (out.size() < digits.size()) out.push_back(draw.digit('2', '9'));
  return out;
}

/// 198.18.0.0/15 (RFC 2544) and 2001:db8::/32 (RFC 3849) belong to nobody.
std::string make_ip(std::string_view value, Draw& draw) {
  if (value.find(':') == std::string_view::npos)
    return fmt::format("198.{}.{}.{}", 18 + draw.below(2), 100 + draw.below(156), 100 + draw.below(156));
  std::string out = "2001:db8";
  for (int group = 0; group < 6; ++group) out += fmt::format(":{:x}{:02x}", 16 + draw.below(240), draw.below(256));
  return out;
}

/// Letters for letters and digits for digits; a short prefix that says whose token it is ("ghp_", "sk-") stays.
std::string make_secret(std::string_view value, Draw& draw) {
  constexpr std::size_t kMaxPrefix = 12;
  constexpr std::size_t kMinDrawn = 8;
  std::size_t kept = value.substr(0, kMaxPrefix).find_last_of("_-.") + 1;  // 0 if there is none
  if (kept + kMinDrawn > value.size()) kept = 0;
  std::string out(value.substr(0, kept));
  for (char c : value.substr(kept)) {
    if (is_digit(c))
      out.push_back(draw.digit('0', '9'));
    else if (c >= 'a' && c <= 'z')
      out.push_back(draw.digit('a', 'z'));
    else if (c >= 'A' && c <= 'Z')
      out.push_back(draw.digit('A', 'Z'));
    else
      out.push_back(c);
  }
  return out;
}

/// An area that is never given out, so that the number is nobody's.
std::string make_ssn(Draw& draw) {
  std::string out(1, '9');
  while (out.size() < 9) out.push_back(draw.digit('1', '9'));
  return out;
}

std::string make_url(Draw& draw) {
  const std::string address = make_email(draw);
  return "https://" + address.substr(0, address.find('.')) + ".example.com/";  // RFC 2606
}

/// A word that no language has, long enough not to stand in the reply by chance.
std::string make_word(std::size_t size, Draw& draw) {
  constexpr std::string_view kConsonants = "bdfgklmnprstvz";
  constexpr std::string_view kVowels = "aeiou";
  constexpr std::size_t kShortest = 6;
  constexpr std::size_t kLongest = 10;
  std::string out;
  while (out.size() < std::clamp(size, kShortest, kLongest)) {
    out.push_back(kConsonants[draw.below(kConsonants.size())]);
    out.push_back(kVowels[draw.below(kVowels.size())]);
  }
  return out;
}

std::string make_number(std::size_t size, Draw& draw) {
  std::string out;
  while (out.size() < size) out.push_back(draw.digit('1', '9'));
  return out;
}

/// "Jane", "JANE" or "jane".
std::string in_case_of(std::string_view word, std::string out) {
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto capitals = std::count_if(word.begin(), word.end(), capital);
  if (!is_letter(word[0]) || capital(word[0])) out[0] = static_cast<char>(out[0] & ~0x20);
  if (word.size() > 1 && capitals == static_cast<std::ptrdiff_t>(word.size()))
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return static_cast<char>(c & ~0x20); });
  return out;
}

/// Writes the symbols of a surrogate in the shape of the value: separators stay where they were, letters keep their case.
std::string in_shape_of(std::string_view value, std::string_view symbols, bool letters) {
  std::string out;
  std::size_t next = 0;
  for (char c : value) {
    if (!is_digit(c) && !(letters && is_letter(c)))
      out.push_back(c);
    else if (c >= 'a' && c <= 'z' && is_letter(symbols[next]))
      out.push_back(static_cast<char>(symbols[next++] | 0x20));
    else
      out.push_back(symbols[next++]);
  }
  return out;
}

std::string only_symbols(std::string_view text) {
  std::string out;
  for (char c : text)
    if (is_digit(c) || is_letter(c) || c == '+') out.push_back(c);
  return out;
}

}  // namespace

std::string Pseudonyms::make(Kind kind, std::string_view value, std::string_view canonical, unsigned attempt) const {
  const Key bytes = derive(key_, fmt::format("{}/{}", to_string(kind), attempt), canonical);
  Draw draw(bytes);
  switch (kind) {
    case Kind::email: return make_email(draw);
    case Kind::card: return in_shape_of(value, make_card(canonical, draw), false);
    case Kind::iban: return in_shape_of(value, make_iban(canonical, draw), true);
    case Kind::phone: return in_shape_of(value, make_phone(value, canonical, draw), false);
    case Kind::ip: return make_ip(value, draw);
    case Kind::secret:
    case Kind::account: return make_secret(value, draw);
    case Kind::ssn: return in_shape_of(value, make_ssn(draw), false);
    case Kind::url: return make_url(draw);
    case Kind::person:
    case Kind::organisation:
    case Kind::location:
    case Kind::address:
    case Kind::group: return is_digit(value.front()) ? make_number(value.size(), draw) : in_case_of(value, make_word(value.size(), draw));
    case Kind::date:
    case Kind::age: break;  // a policy cannot ask for it
  }
  return {};
}

Result<std::string_view> Pseudonyms::of(Kind kind, std::string_view value) {
  auto& known = surrogates_[static_cast<std::size_t>(kind)];
  if (const auto at = known.find(value); at != known.end()) return std::string_view(at->second);
  if (size_ == kMaxValues || bytes_ + value.size() > kMaxBytes)
    return client_error(Code::too_large, "the prompt holds more personal data than the limit allows");
  const std::string canonical = canonical_form(kind, value);
  for (unsigned attempt = 0; attempt < kMaxAttempts; ++attempt) {
    std::string surrogate = make(kind, value, canonical, attempt);
    if (surrogate == value || !claim(surrogate, value)) continue;
    // A model may drop the separators: that spelling leads back as well.
    if (kind == Kind::card || kind == Kind::iban || kind == Kind::phone) (void)index_.add(only_symbols(surrogate), only_symbols(value));
    ++size_;
    bytes_ += value.size();
    return std::string_view(known.emplace(value, std::move(surrogate)).first->second);
  }
  return internal_error(Code::exhausted, "no free surrogate left");
}

bool Pseudonyms::claim(std::string_view surrogate, std::string_view value) {
  if (index_.add(surrogate, value)) return true;
  const SurrogateIndex::Match taken = index_.match(surrogate);
  return taken.length == surrogate.size() && taken.original == value;  // the bare spelling of a value seen before
}

}  // namespace bulwark::chat::pii
