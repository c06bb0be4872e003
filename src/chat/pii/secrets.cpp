// One pass: signs of assignment, words that announce a credential, and the beginnings of tokens.
#include "chat/pii/secrets.h"

#include <algorithm>

#include "chat/pii/secret_tokens.h"
#include "chat/pii/secret_values.h"

namespace bulwark::chat::pii {

namespace {

constexpr std::size_t kNear = 80;  // bytes in which a word speaks of what follows
constexpr std::size_t kMaxPassword = 64;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool alnum(char c) { return digit(c) || letter(c); }
bool quote(char c) { return c == '"' || c == '\'' || c == '`'; }

bool starts_without_case(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  return std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) { return a == (letter(b) ? b | 0x20 : b); });
}

std::string_view before(std::string_view text, std::size_t at, std::size_t most) {
  return text.substr(at - std::min(at, most), std::min(at, most));
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void run(std::vector<Span>& out) {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      Span span;
      if (!find_at(at, span) || span.end <= span.begin) continue;
      out.push_back(span);
      at = std::max(at, span.end - 1);
    }
  }

 private:
  std::string_view said(const Value& value) const { return text_.substr(value.begin, value.end - value.begin); }

  static bool take(std::size_t begin, std::size_t end, Span& span) {
    span = {begin, end, Kind::secret};
    return end > begin;
  }

  bool find_at(std::size_t at, Span& span) {
    const char c = text_[at];
    if (alnum(c)) return at > 0 && (alnum(text_[at - 1]) || text_[at - 1] == '_') ? false : word(at, span);
    switch (c) {
      case '=': return assigned(at, span);
      case ':': return text_.substr(at).starts_with("://") ? in_uri(at + 3, span) : assigned(at, span);
      case ',': return at > 0 && quote(text_[at - 1]) && quoted_pair(at, span);
      case '(': return in_call(at, span);
      case '-': return text_.substr(at).starts_with("-p ") ? after_flag(at, span) : take(at, pem_end(text_, at), span);
      case '$': return take(at, hash_end(text_, at), span);
      default: return false;
    }
  }

  bool word(std::size_t at, Span& span) {
    const char first = static_cast<char>(text_[at] | 0x20);
    if ((first == 'p' || first == 'a' || first == 't' || first == 'k') && beside_word(at, span)) return true;
    if (at >= token_end_) token_end_ = end_of_token(at);
    if (token_end_ - at < 20 && first != '0') return false;  // no token is that short
    const std::string_view token = text_.substr(at, token_end_ - at);
    if (is_known_token(token)) return take(at, token_end_, span);
    if (const std::size_t end = salesforce_end(text_, at)) return take(at, end, span);
    if (const std::size_t end = webhook_end(text_, at)) return take(at, end, span);
    return drawn_in_context(at, token, span);
  }

  std::size_t end_of_token(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && end - at < kMaxSecret && token_char(text_[end])) ++end;
    while (end > at && (text_[end - 1] == '.' || text_[end - 1] == '/')) --end;
    return end;
  }

  /// A long drawn run soon after a word that speaks of credentials. Behind '/', '#' or '@' it is a commit or an object's name.
  bool drawn_in_context(std::size_t at, std::string_view token, Span& span) const {
    if (at > 0 && (text_[at - 1] == '/' || text_[at - 1] == '#' || text_[at - 1] == '@' || text_[at - 1] == '.')) return false;
    return is_drawn_run(token) && speaks_of_credentials(before(text_, at, kNear)) && take(at, at + token.size(), span);
  }

  /// "name = value" at the sign, "Authorization: Bearer value" at the scheme.
  bool assigned(std::size_t at, Span& span) const {
    const std::string_view name = name_before(text_, at);
    if (name.size() < 3) return false;
    Value value = value_at(text_, at + 1);
    const std::string_view scheme = said(value);
    if (scheme == "Bearer" || scheme == "Basic" || scheme == "bearer" || scheme == "token" || scheme == "SSWS") {
      value = value_at(text_, value.end);
      return value.end - value.begin >= 12 && take(value.begin, value.end, span);
    }
    return is_believed(name, said(value), value.quoted, writing_of(at, value)) && take(value.begin, value.end, span);
  }

  Writing writing_of(std::size_t sign, const Value& value) const {
    if (text_[sign] != '=' || sign == 0) return Writing::loose;
    const bool closed = value.end < text_.size() && text_[value.end] == ';';
    if (closed && !value.quoted && before(text_, sign, kNear).find(';') != std::string_view::npos &&
        before(text_, sign, kNear).find('=') != std::string_view::npos && before(text_, sign, kNear).find('\n') == std::string_view::npos)
      return Writing::listed;
    if (follows_user(sign)) return Writing::paired;
    return value.begin == sign + 1 && text_[sign - 1] != ' ' && text_[sign - 1] != '\t' ? Writing::tight : Writing::loose;
  }

  /// A line before this one, or the beginning of this one, gave a user's name in the same way.
  bool follows_user(std::size_t sign) const {
    constexpr std::size_t kNearPair = 120;
    const std::string_view near = before(text_, sign, kNearPair);
    for (std::size_t at = near.find('='); at != std::string_view::npos; at = near.find('=', at + 1)) {
      const std::string_view name = name_before(near, at);
      if (name.size() < 4) continue;
      const std::string_view tail = name.substr(name.size() - std::min<std::size_t>(name.size(), 8));
      if ((starts_without_case(tail.substr(tail.size() - 4), "user") || (tail.size() == 8 && starts_without_case(tail, "username"))) &&
          near.substr(at).find('\n') != std::string_view::npos)
        return true;
    }
    return false;
  }

  /// "'name', 'value'" at the comma, as in calls and lists.
  bool quoted_pair(std::size_t at, Span& span) const {
    const Value value = value_at(text_, at + 1);
    const bool open = value.begin > at + 1 && quote(text_[value.begin - 1]);
    if (!open) return false;
    const std::size_t end = value.quoted ? value.end : end_of_token(value.begin);  // the closing quote may be cut off
    const std::string_view name = name_before(text_, at);
    return name.size() >= 3 && looks_drawn(text_.substr(value.begin, end - value.begin)) &&
           is_believed(name, text_.substr(value.begin, end - value.begin), true, Writing::loose) && take(value.begin, end, span);
  }

  /// "NetworkCredential("name", "password")": the last text in the call of something that logs in.
  bool in_call(std::size_t at, Span& span) const {
    constexpr std::size_t kMaxArguments = 256;
    const std::string_view name = name_before(text_, at);
    if (!name.ends_with("Credential") && !name.ends_with("Credentials") && !name.ends_with("DirectoryEntry")) return false;
    const std::string_view arguments = text_.substr(at + 1, kMaxArguments).substr(0, text_.substr(at + 1, kMaxArguments).find(')'));
    const std::size_t close = arguments.find_last_of("\"'");
    const std::size_t open = close == std::string_view::npos || close == 0 ? close : arguments.find_last_of("\"'", close - 1);
    if (open == std::string_view::npos || arguments.substr(0, open).find('"') == std::string_view::npos) return false;
    const std::string_view password = arguments.substr(open + 1, close - open - 1);
    return !password.empty() && !stands_for_another(password) && take(at + 2 + open, at + 1 + close, span);
  }

  /// "scheme://user:password@host": the password.
  bool in_uri(std::size_t slashes, Span& span) const {
    std::size_t colon = 0;
    for (std::size_t i = slashes; i < text_.size() && i - slashes < 256; ++i) {
      const char c = text_[i];
      if (c == ':' && colon == 0) colon = i;
      if (c == '@' && colon != 0 && i > colon + 1)
        return !stands_for_another(text_.substr(colon + 1, i - colon - 1)) && take(colon + 1, i, span);
      if (static_cast<unsigned char>(c) <= ' ' || c == '/' || quote(c)) return false;
    }
    return false;
  }

  /// "-u name -p password" on one command line.
  bool after_flag(std::size_t at, Span& span) const {
    const std::string_view command = before(text_, at, 2 * kNear);
    const std::string_view line = command.substr(command.rfind('\n') + 1);
    if (line.find(" -u ") == std::string_view::npos) return false;
    const Value value = value_at(text_, at + 3);
    const std::string_view word = said(value);
    return word.size() >= 5 && word.front() != '-' && !stands_for_another(word) && take(value.begin, value.end, span);
  }

  /// "--password value", "password 'value'", "login name password value", "the password for "x" is 'value'".
  bool beside_word(std::size_t at, Span& span) const {
    static constexpr std::string_view kWords[] = {"password", "passwort", "passwd", "passphrase", "api-key", "token", "kennwort"};
    for (const std::string_view word : kWords) {
      const std::size_t after = at + word.size();
      if (!starts_without_case(text_.substr(at), word) || after >= text_.size() || text_[after] != ' ') continue;
      return next_to(at, after, span) || in_sentence(after, span);
    }
    return false;
  }

  bool next_to(std::size_t at, std::size_t after, Span& span) const {
    if (text_[after + 1 < text_.size() ? after + 1 : after] == '=') return false;  // an assignment, which is looked at by itself
    const bool flag = at > 0 && text_[at - 1] == '-';
    const Value value = value_at(text_, after + 1);
    const std::string_view word = said(value);
    const std::string_view line = before(text_, at, kNear);
    const bool netrc = line.find("login ") != std::string_view::npos && line.find("machine ") != std::string_view::npos;
    return word.size() >= 6 && word.size() <= kMaxPassword && !stands_for_another(word) && (flag || value.quoted || netrc) &&
           word.find(' ') == std::string_view::npos && take(value.begin, value.end, span);
  }

  /// "… is 'value'" later in the same sentence.
  bool in_sentence(std::size_t after, Span& span) const {
    const std::string_view rest = text_.substr(after, kNear).substr(0, text_.substr(after, kNear).find('\n'));
    for (const std::string_view verb : {" is ", " ist ", " is: ", " to "}) {
      const std::size_t found = rest.find(verb);
      if (found == std::string_view::npos || found + verb.size() >= rest.size() || !quote(rest[found + verb.size()])) continue;
      const Value value = value_at(text_, after + found + verb.size());
      const std::string_view word = said(value);
      return value.quoted && word.size() >= 4 && word.find(' ') == std::string_view::npos && !stands_for_another(word) &&
             take(value.begin, value.end, span);
    }
    return false;
  }

  std::string_view text_;
  std::size_t token_end_ = 0;  ///< of the run of token characters that was looked at last
};

}  // namespace

void recognise_secrets(std::string_view text, std::vector<Span>& out) { Scanner(text).run(out); }

}  // namespace bulwark::chat::pii
