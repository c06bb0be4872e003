// A value beside a telling name is believed only if it looks chosen or drawn, not written by a programmer who reads it elsewhere.
#include "chat/pii/secrets.h"

#include <algorithm>
#include <array>

namespace bulwark::chat::pii {

namespace {

constexpr std::size_t kMaxSecret = 8 * 1024;
constexpr std::size_t kMaxName = 48;
constexpr std::size_t kShortestToken = 20;  // "AKIA" and sixteen more

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool alnum(char c) { return digit(c) || letter(c); }
bool token_char(char c) { return alnum(c) || c == '_' || c == '-' || c == '.' || c == '+' || c == '/' || c == '=' || c == '~'; }
bool blank(char c) { return c == ' ' || c == '\t'; }

struct Prefix {
  std::string_view text;
  std::size_t body;  ///< at least so many token characters follow
};

// From the providers' own documentation of their token formats; sorted by first letter for people.
constexpr std::array<Prefix, 96> kPrefixes = {{{"AGE-SECRET-KEY-1", 50},
                                               {"AIza", 30},
                                               {"AKIA", 16},
                                               {"ASIA", 16},
                                               {"ABIA", 16},
                                               {"ACCA", 16},
                                               {"A3T", 17},
                                               {"AKCp", 50},
                                               {"ATATT3", 50},
                                               {"ATBB", 24},
                                               {"EAACEdEose0cBA", 10},
                                               {"GOCSPX-", 20},
                                               {"GR1348941", 20},
                                               {"NRAK-", 20},
                                               {"NRII-", 20},
                                               {"NRIQ-", 20},
                                               {"NRRA-", 20},
                                               {"PMAK-", 30},
                                               {"SG.", 40},
                                               {"aio_", 24},
                                               {"amzn.mws.", 30},
                                               {"api_org_", 30},
                                               {"b.", 24},
                                               {"cio", 32},
                                               {"ctx7sk-", 20},
                                               {"da2-", 24},
                                               {"dapi", 30},
                                               {"dckr_pat_", 24},
                                               {"doo_v1_", 60},
                                               {"dop_v1_", 60},
                                               {"dor_v1_", 60},
                                               {"dp.", 30},
                                               {"dt0c01.", 30},
                                               {"dt0s01.", 30},
                                               {"eyJ", 30},
                                               {"fc-", 30},
                                               {"figd_", 30},
                                               {"fio-u-", 30},
                                               {"ghe_", 30},
                                               {"gho_", 30},
                                               {"ghp_", 30},
                                               {"ghr_", 30},
                                               {"ghs_", 30},
                                               {"ghu_", 30},
                                               {"github_pat_", 60},
                                               {"glc_", 30},
                                               {"glptt-", 30},
                                               {"glpat-", 18},
                                               {"glsa_", 30},
                                               {"glrt-", 18},
                                               {"gsk_", 40},
                                               {"hawk.", 30},
                                               {"hf_", 30},
                                               {"hvb.", 24},
                                               {"hvr.", 24},
                                               {"hvs.", 24},
                                               {"jina_", 40},
                                               {"key-", 30},
                                               {"live_", 30},
                                               {"lin_api_", 30},
                                               {"mcp_", 30},
                                               {"npm_", 30},
                                               {"oa2-client-id_", 20},
                                               {"odt_", 30},
                                               {"oy2", 40},
                                               {"p8e-", 24},
                                               {"pk.eyJ", 30},
                                               {"pypi-AgEIcHlwaS5vcmc", 20},
                                               {"px-api-", 24},
                                               {"px-dep-", 24},
                                               {"r.", 24},
                                               {"rk_live_", 20},
                                               {"rubygems_", 40},
                                               {"s.", 24},
                                               {"sbp_", 30},
                                               {"secret_", 40},
                                               {"shpat_", 30},
                                               {"shpca_", 30},
                                               {"shppa_", 30},
                                               {"shpss_", 30},
                                               {"sk-", 24},
                                               {"sk.eyJ", 30},
                                               {"sk_live_", 20},
                                               {"sk_test_", 20},
                                               {"sl.", 60},
                                               {"sq0atp-", 20},
                                               {"sq0csp-", 30},
                                               {"sqa_", 36},
                                               {"sqp_", 36},
                                               {"squ_", 36},
                                               {"tk.eyJ", 30},
                                               {"tvly-", 24},
                                               {"xapp-", 20},
                                               {"xox", 20},
                                               {"ya29.", 20},
                                               {"sgp_", 30}}};

/// Mixed kinds of characters, as drawn values have; words and names do not.
bool looks_drawn(std::string_view value) {
  std::size_t digits = 0;
  std::size_t letters = 0;
  std::size_t capitals = 0;
  std::array<bool, 256> seen{};
  std::size_t distinct = 0;
  for (char c : value) {
    digits += digit(c);
    letters += letter(c);
    capitals += c >= 'A' && c <= 'Z';
    if (!seen[static_cast<unsigned char>(c)]) seen[static_cast<unsigned char>(c)] = true, ++distinct;
  }
  const bool mixed_case = value.size() >= 20 && capitals >= 4 && letters - capitals >= 4 && digits + letters == value.size();
  return distinct >= 6 && ((digits >= 2 && letters >= 2) || mixed_case);
}

std::size_t token_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end - at < kMaxSecret && token_char(text[end])) ++end;
  while (end > at && (text[end - 1] == '.' || text[end - 1] == '/')) --end;
  return end;
}

std::size_t prefixed_end(std::string_view text, std::size_t at) {
  const std::size_t end = token_end(text, at);
  if (end - at < kShortestToken) return 0;  // most words end here
  for (const Prefix& prefix : kPrefixes) {
    if (prefix.text.front() != text[at] || !text.substr(at).starts_with(prefix.text)) continue;
    const std::string_view body = text.substr(at + prefix.text.size(), end - std::min(end, at + prefix.text.size()));
    const bool single = prefix.text.size() == 2 && body.find('.') != std::string_view::npos;  // "s.example.com/…"
    if (body.size() >= prefix.body && !single && (looks_drawn(body) || prefix.text.size() == 4)) return end;
  }
  return 0;
}

/// "-----BEGIN RSA PRIVATE KEY-----" to its end line, or to the end of the text.
std::size_t pem_end(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("-----BEGIN ")) return 0;
  const std::size_t line = text.find("-----", at + 11);
  if (line == std::string_view::npos || text.substr(at, line - at).find("PRIVATE KEY") == std::string_view::npos) return 0;
  const std::size_t close = text.find("-----END", line);
  const std::size_t end = close == std::string_view::npos ? std::string_view::npos : text.find("-----", close + 8);
  return end == std::string_view::npos ? std::min(text.size(), at + kMaxSecret) : end + 5;
}

/// Crypt hashes: "$2b$12$…", "$6$salt$…", "$krb5asrep$…".
std::size_t hash_end(std::string_view text, std::size_t at) {
  static constexpr std::array<std::string_view, 8> kSchemes = {"$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$8$", "$krb5"};
  const auto fits = [&](std::string_view scheme) { return text.substr(at).starts_with(scheme); };
  if (std::none_of(kSchemes.begin(), kSchemes.end(), fits)) return 0;
  std::size_t end = at;
  while (end < text.size() && (token_char(text[end]) || text[end] == '$' || text[end] == '@' || text[end] == ':') && end - at < kMaxSecret)
    ++end;
  return end - at >= 26 ? end : 0;
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool name_says(std::string_view name, std::initializer_list<std::string_view> words) {
  char folded[kMaxName];
  const std::size_t size = std::min(name.size(), kMaxName);
  std::transform(name.end() - static_cast<std::ptrdiff_t>(size), name.end(), folded, lower);
  const std::string_view text(folded, size);
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// A reference, a type, a placeholder: nothing that opens a door.
bool stands_for_another(std::string_view value) {
  if (value.find_first_of("()[]{}<>") != std::string_view::npos || value.starts_with('$') || value.starts_with('%') ||
      value.starts_with('@'))
    return true;
  if (value.find("process.env") != std::string_view::npos || value.find("getenv") != std::string_view::npos ||
      value.find("://") != std::string_view::npos)
    return true;
  return std::all_of(value.begin(), value.end(), [&](char c) { return c == value.front(); });
}

struct Value {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
};

Value value_after(std::string_view text, std::size_t at) {
  while (at < text.size() && (blank(text[at]) || text[at] == '=' || text[at] == '>' || text[at] == ':' || text[at] == '\\')) ++at;
  Value value{at, at, false};
  if (at == text.size()) return value;
  const char quote = text[at];
  if (quote == '"' || quote == '\'' || quote == '`') {
    value.begin = at + 1;
    value.end = text.find(quote, value.begin);
    value.quoted = value.end != std::string_view::npos && value.end - value.begin <= 256 &&
                   text.substr(value.begin, value.end - value.begin).find('\n') == std::string_view::npos;
    if (!value.quoted) value.end = value.begin;
    if (value.quoted && text[value.end - 1] == '\\') --value.end;
    return value;
  }
  while (value.end < text.size() && static_cast<unsigned char>(text[value.end]) > ' ' && text[value.end] != ',' && text[value.end] != ';' &&
         text[value.end] != '"' && text[value.end] != '\'' && text[value.end] != '&' && value.end - value.begin < kMaxSecret)
    ++value.end;
  return value;
}

/// `tight`: "NAME=value" without blanks, as in shells, .env files and connection strings.
bool believed(std::string_view name, std::string_view value, bool quoted, bool tight) {
  if (value.size() < 6 || stands_for_another(value)) return false;
  const bool drawn = looks_drawn(value);
  if (name_says(name, {"pass", "pwd", "secret", "credential"})) {
    const bool one_word = value.find(' ') == std::string_view::npos;
    const bool marked = std::any_of(value.begin(), value.end(), [](char c) { return !letter(c); });
    const bool names_itself = name_says(value, {"pass", "pwd", "secret"});
    return one_word && !names_itself && (drawn || (marked && quoted) || (tight && !quoted));
  }
  const bool key = name_says(name, {"key", "token", "auth", "bearer", "basic", "crumb", "unseal", "session", "api", "webhook"});
  return key && drawn && value.size() >= 16 && value.find(' ') == std::string_view::npos;
}

/// The name in front of a ':' or '=' at `at`.
std::string_view name_before(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end > 0 && (blank(text[end - 1]) || text[end - 1] == '"' || text[end - 1] == '\'' || text[end - 1] == ']' || text[end - 1] == ':'))
    --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kMaxName &&
         (alnum(text[begin - 1]) || text[begin - 1] == '_' || text[begin - 1] == '-' || text[begin - 1] == '.'))
    --begin;
  return text.substr(begin, end - begin);
}

/// "name = value" at the sign, "Authorization: Bearer value" at the scheme.
bool assigned(std::string_view text, std::size_t at, Span& span) {
  const std::string_view name = name_before(text, at);
  if (name.size() < 3) return false;
  Value value = value_after(text, at + 1);
  std::string_view word = text.substr(value.begin, value.end - value.begin);
  if (word == "Bearer" || word == "Basic" || word == "bearer" || word == "token") {
    value = value_after(text, value.end);
    word = text.substr(value.begin, value.end - value.begin);
    if (word.size() < 12) return false;
  } else if (!believed(name, word, value.quoted, text[at] == '=' && value.begin == at + 1 && at > 0 && !blank(text[at - 1]))) {
    return false;
  }
  span = {value.begin, value.end, Kind::secret};
  return true;
}

/// "scheme://user:password@host": the password.
bool in_uri(std::string_view text, std::size_t slashes, Span& span) {
  std::size_t colon = 0;
  for (std::size_t i = slashes; i < text.size() && i - slashes < 256; ++i) {
    const char c = text[i];
    if (c == ':' && colon == 0) colon = i;
    if (c == '@' && colon != 0 && i > colon + 1) {
      span = {colon + 1, i, Kind::secret};
      return !stands_for_another(text.substr(colon + 1, i - colon - 1));
    }
    if (static_cast<unsigned char>(c) <= ' ' || c == '/' || c == '"' || c == '\'') return false;
  }
  return false;
}

/// "--password value", "-Password value", "password 'value'", "login name password value": the word, a blank, the value.
bool beside_word(std::string_view text, std::size_t at, Span& span) {
  static constexpr std::array<std::string_view, 5> kWords = {"password", "Password", "passwd", "api-key", "token"};
  for (const std::string_view word : kWords) {
    if (!text.substr(at).starts_with(word) || at + word.size() >= text.size() || text[at + word.size()] != ' ') continue;
    const bool flag = at > 0 && text[at - 1] == '-';
    const Value value = value_after(text, at + word.size() + 1);
    const std::string_view said = text.substr(value.begin, value.end - value.begin);
    const std::string_view before = text.substr(at - std::min<std::size_t>(at, 64), std::min<std::size_t>(at, 64));
    const bool netrc = before.find("login ") != std::string_view::npos && before.find("machine ") != std::string_view::npos;
    if (said.size() < 6 || stands_for_another(said) || !(flag || value.quoted || netrc) || said.find(' ') != std::string_view::npos)
      return false;
    span = {value.begin, value.end, Kind::secret};
    return true;
  }
  return false;
}

/// Addresses that let anybody post, by knowing them.
std::size_t webhook_end(std::string_view text, std::size_t at) {
  static constexpr std::array<std::string_view, 3> kHosts = {"hooks.slack.com/services/", "outlook.office.com/webhook/",
                                                             "discord.com/api/webhooks/"};
  for (const std::string_view host : kHosts) {
    if (!text.substr(at).starts_with(host)) continue;
    std::size_t end = at + host.size();
    while (end < text.size() && (token_char(text[end]) || text[end] == '@') && end - at < 512) ++end;
    return end - at >= host.size() + 20 ? end : 0;
  }
  return 0;
}

bool find_at(std::string_view text, std::size_t at, Span& span) {
  const char c = text[at];
  if (c == '=' || c == ':') {
    if (c == ':' && text.substr(at).starts_with("://")) return in_uri(text, at + 3, span);
    return assigned(text, at, span);
  }
  if (at > 0 && (alnum(text[at - 1]) || text[at - 1] == '_')) return false;
  std::size_t end = 0;
  if (c == '-')
    end = pem_end(text, at);
  else if (c == '$')
    end = hash_end(text, at);
  else if (letter(c)) {
    if ((c | 0x20) == 'p' || c == 'a' || c == 't')
      if (beside_word(text, at, span)) return true;
    end = prefixed_end(text, at);
    if (end == 0 && (c == 'h' || c == 'o' || c == 'd')) end = webhook_end(text, at);
  }
  span = {at, end, Kind::secret};
  return end != 0;
}

}  // namespace

void recognise_secrets(std::string_view text, std::vector<Span>& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (!letter(c) && c != '=' && c != ':' && c != '-' && c != '$') continue;
    Span span;
    if (!find_at(text, at, span) || span.end <= span.begin) continue;
    out.push_back(span);
    at = std::max(at, span.end - 1);
  }
}

}  // namespace bulwark::chat::pii
