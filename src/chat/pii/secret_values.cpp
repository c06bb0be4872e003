// Names and values are compared in lower case, by what they contain: there are as many spellings as programmers.
#include "chat/pii/secret_values.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include "chat/pii/secret_tokens.h"

namespace bulwark::chat::pii {

namespace {

constexpr std::size_t kMaxQuoted = 256;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool blank(char c) { return c == ' ' || c == '\t'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

/// Services whose credentials have no mark of their own: only the name beside them tells.
constexpr std::string_view kServices[] = {
    "adafruit",    "airtable", "algolia",   "artifactory", "asana",        "atlassian",   "bitbucket", "cloudflare", "codeclimate",
    "codecov",     "coinbase", "confluent", "datadog",     "digitalocean", "dropbox",     "fastly",    "finnhub",    "flickr",
    "heroku",      "hubspot",  "intercom",  "jfrog",       "kraken",       "kucoin",      "mailchimp", "mailgun",    "mattermost",
    "messagebird", "netlify",  "newrelic",  "okta",        "pagerduty",    "plaid",       "postmark",  "rapidapi",   "sauce",
    "sendbird",    "sendgrid", "sentry",    "snyk",        "sonar",        "squarespace", "sumologic", "telegram",   "travis",
    "twilio",      "twitch",   "twitter",   "yandex",      "zendesk"};

/// Compares in lower case the last kMaxName bytes.
class Folded {
 public:
  explicit Folded(std::string_view text) {
    const std::size_t size = std::min(text.size(), bytes_.size());
    std::transform(text.end() - static_cast<std::ptrdiff_t>(size), text.end(), bytes_.begin(), lower);
    text_ = std::string_view(bytes_.data(), size);
  }
  Folded(const Folded&) = delete;
  Folded& operator=(const Folded&) = delete;

  bool says(std::string_view word) const { return text_.find(word) != std::string_view::npos; }
  bool says_any(std::initializer_list<std::string_view> words) const {
    return std::any_of(words.begin(), words.end(), [this](std::string_view word) { return says(word); });
  }
  bool names_service() const {
    return std::any_of(std::begin(kServices), std::end(kServices), [this](std::string_view word) { return says(word); });
  }
  std::string_view text() const { return text_; }

 private:
  static constexpr std::size_t kMost = 96;
  std::array<char, kMost> bytes_;
  std::string_view text_;
};

bool is_host_or_path(std::string_view value) {
  if (value.front() == '/' || value.starts_with("./") || value.starts_with("~/")) return true;
  const std::size_t dot = value.rfind('.');
  if (dot == std::string_view::npos || value.size() - dot < 3 || value.size() - dot > 7) return false;
  return std::all_of(value.begin() + static_cast<std::ptrdiff_t>(dot) + 1, value.end(), [](char c) { return c >= 'a' && c <= 'z'; }) &&
         std::none_of(value.begin(), value.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// A long value of many different characters stands for itself, whatever brackets are among them.
bool rich(std::string_view value) {
  constexpr std::size_t kShortest = 30;
  constexpr std::size_t kDistinct = 20;
  std::array<bool, 256> seen{};
  std::size_t distinct = 0;
  std::size_t marks = 0;
  for (char c : value) {
    if (!seen[static_cast<unsigned char>(c)]) seen[static_cast<unsigned char>(c)] = true, ++distinct;
    marks += !letter(c) && !digit(c) && c != '.' && c != '_';
  }
  const bool call = value.find("()") != std::string_view::npos || value.find("${") != std::string_view::npos ||
                    value.find("{{") != std::string_view::npos || value.find("](") != std::string_view::npos;
  if (value.find(' ') != std::string_view::npos) return false;
  return value.size() >= kShortest && distinct >= kDistinct && marks >= 6 && !call && value.find("://") == std::string_view::npos;
}

/// "mypassword", "P@ssw0rd1": what examples are written with.
bool is_example(std::string_view value) {
  std::string plain(value);
  for (char& c : plain) c = c == '@' ? 'a' : c == '0' ? 'o' : c == '$' || c == '5' ? 's' : lower(c);
  return plain.find("password") != std::string::npos;
}

bool password_believed(std::string_view name, std::string_view value, bool quoted, Writing writing) {
  const bool repeats_name =
      std::equal(value.rbegin(), value.rend(), name.rbegin(), name.rend(), [](char a, char b) { return lower(a) == lower(b); });
  if (writing == Writing::paired)
    return !repeats_name && !is_example(value) && (quoted || value.find_first_of(".-") == std::string_view::npos);
  if (value.find(' ') != std::string_view::npos || is_host_or_path(value)) return false;
  if (writing == Writing::listed) return true;
  if (is_example(value)) return false;
  if (Folded(value).says_any({"pass", "pwd", "secret"})) return looks_drawn(value) && quoted;
  const bool marked = std::any_of(value.begin(), value.end(), [](char c) { return !letter(c); });
  const bool label = value.back() == ':' || value.front() == ',';
  return !label && (looks_drawn(value) || (marked && quoted) || (writing == Writing::tight && !quoted));
}

}  // namespace

Value value_at(std::string_view text, std::size_t at) {
  while (at < text.size() && (blank(text[at]) || text[at] == '=' || text[at] == '>' || text[at] == ':' || text[at] == '\\')) ++at;
  Value value{at, at, false};
  if (at == text.size()) return value;
  char quote = text[at];
  if (quote == '\'' && at + 1 < text.size() && text[at + 1] == '"') quote = text[++at];  // a string inside a string
  if (quote == '"' || quote == '\'' || quote == '`') {
    value.begin = at + 1;
    value.end = text.substr(0, std::min(text.size(), at + 2 + kMaxQuoted)).find(quote, value.begin);
    value.quoted =
        value.end != std::string_view::npos && text.substr(value.begin, value.end - value.begin).find('\n') == std::string_view::npos;
    if (!value.quoted) value.end = value.begin;
    if (value.end > value.begin && text[value.end - 1] == '\\') --value.end;
    return value;
  }
  while (value.end < text.size() && static_cast<unsigned char>(text[value.end]) > ' ' && text[value.end] != ',' && text[value.end] != ';' &&
         text[value.end] != '"' && text[value.end] != '\'' && text[value.end] != '&' && value.end - value.begin < kMaxSecret)
    ++value.end;
  return value;
}

std::string_view name_before(std::string_view text, std::size_t at) {
  const auto in_name = [](char c) { return letter(c) || digit(c) || c == '_' || c == '-' || c == '.'; };
  std::size_t end = at;
  while (end > 0 && at - end < 8 &&
         (blank(text[end - 1]) || text[end - 1] == '"' || text[end - 1] == '\'' || text[end - 1] == ']' || text[end - 1] == ':' ||
          text[end - 1] == '!' || text[end - 1] == '=' || text[end - 1] == '\\'))
    --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kMaxName && in_name(text[begin - 1])) --begin;
  const std::string_view name = text.substr(begin, end - begin);
  if (name != "value") return name;
  const std::string_view before = text.substr(begin - std::min(begin, kMaxName + 8), std::min(begin, kMaxName + 8));
  for (const std::string_view attribute : {"key=\"", "name=\"", "key='", "name='"})
    if (const std::size_t found = before.rfind(attribute); found != std::string_view::npos) {
      const std::string_view said = before.substr(found + attribute.size());
      return said.substr(0, said.find(attribute.back()));
    }
  return name;
}

bool stands_for_another(std::string_view value) {
  if (value.find_first_of("()[]{}<>") != std::string_view::npos || value.starts_with('$') || value.starts_with('%') ||
      value.starts_with('@') || value.starts_with("arn:"))
    return true;
  for (const std::string_view sign : {"process.env", "getenv", "://", "&lt;"})
    if (value.find(sign) != std::string_view::npos) return true;
  return std::all_of(value.begin(), value.end(), [&](char c) { return c == value.front(); });
}

bool is_believed(std::string_view name, std::string_view value, bool quoted, Writing writing) {
  constexpr std::size_t kShortestPassword = 6;
  constexpr std::size_t kShortestKey = 16;
  constexpr std::size_t kShortestOfService = 20;
  if (value.size() < kShortestPassword) return false;
  const Folded folded(name);
  const bool password = folded.says_any({"pass", "pwd", "secret", "credential"});
  if (password && quoted && rich(value) && !value.starts_with("arn:")) return true;
  if (stands_for_another(value) || counts(value)) return false;
  if (password) return password_believed(name, value, quoted, writing);
  if (!looks_drawn(value) || value.find(' ') != std::string_view::npos || is_host_or_path(value)) return false;
  const bool key = folded.says_any({"key", "token", "auth", "bearer", "basic", "crumb", "unseal", "session", "api", "webhook", "login"}) ||
                   folded.text().ends_with("pat");
  const bool uuid = value.size() == 36 && value[8] == '-' && value[13] == '-' && value[23] == '-';
  if (uuid && value[14] != '4') return false;  // RFC 9562: only version 4 is drawn
  return (key && value.size() >= kShortestKey) || (value.size() >= kShortestOfService && folded.names_service());
}

bool speaks_of_credentials(std::string_view text) {
  const Folded folded(text);
  return folded.says_any({"secret", "password", "passwd", "token", "api key", "api_key", "apikey", "unseal", "credential", "auth"}) ||
         folded.names_service();
}

}  // namespace bulwark::chat::pii
