// Ways to carry data out in a link. An image of a strange host loads as soon as the answer is shown, so it need not even be clicked; a
// plain link is one that carries much in its address, or something of this conversation.
#include <algorithm>
#include <cctype>
#include <optional>

#include "chat/output/guards.h"

namespace bulwark::chat::output {

namespace {

constexpr std::string_view kImage = "image";
constexpr std::string_view kLink = "link";
constexpr std::size_t kMaxLabel = 512;
constexpr std::size_t kMaxUrl = 2'048;
constexpr std::size_t kDataBytes = 64;  // of a query, fragment or path segment without words: more than an id needs
constexpr std::size_t kSharedBytes = 16;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool begins(std::string_view text, std::string_view wanted) {
  return text.size() >= wanted.size() &&
         std::equal(wanted.begin(), wanted.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

bool ends_url(char c) { return c <= ' ' || c == '<' || c == '>' || c == '"' || c == '`' || c == '|' || c == '\\' || c == '^'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

/// The part of a URL that can carry data, behind the host.
std::string_view behind_host(std::string_view url) {
  const std::size_t slashes = url.find("//");
  const std::size_t at = url.find_first_of("/?#", slashes == std::string_view::npos ? 0 : slashes + 2);
  return at == std::string_view::npos ? std::string_view() : url.substr(at);
}

/// The longest run of letters, digits and the signs of base64: long without a break is no words.
std::size_t longest_run(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '=' || c == '%' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

struct Found {
  std::size_t end = 0;   ///< behind the construct
  std::string_view url;  ///< empty: nothing to judge
  bool image = false;
  bool unfinished = false;
};

/// "](url)" or "](<url> "title")" from the bracket that closes the label.
Found destination(std::string_view text, std::size_t close, bool image) {
  std::size_t at = close + 2;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '<')) ++at;
  std::size_t end = at;
  int depth = 0;
  for (; end < text.size() && end - at < kMaxUrl; ++end) {
    if (text[end] == '(') ++depth;
    if (text[end] == ')' && depth-- == 0) break;
    if (ends_url(text[end])) break;
  }
  const std::size_t close_paren = text.find(')', end);
  if (end == text.size() || (close_paren == std::string_view::npos && text.size() - end < kMaxUrl))
    return {.image = image, .unfinished = true};
  return {close_paren == std::string_view::npos ? end : close_paren + 1, text.substr(at, end - at), image, false};
}

/// A label's "[", with the "!" before it for an image, at `at`.
Found bracket(std::string_view text, std::size_t at) {
  const bool image = text[at] == '!';
  std::size_t i = at + (image ? 2 : 1);
  int depth = 0;
  for (; i < text.size() && i - at < kMaxLabel; ++i) {
    if (text[i] == '[') ++depth;
    if (text[i] == ']' && depth-- == 0) break;
    if (text[i] == '\n' && i + 1 < text.size() && text[i + 1] == '\n') return {};
  }
  if (i >= text.size() || (i + 1 == text.size() && text[i] == ']')) return {.unfinished = true};
  if (text[i] != ']') return {};
  if (text[i + 1] == '(') return destination(text, i, image);
  if (text[i + 1] != ':' || image) return {};
  std::size_t begin = i + 2;  // a definition, which an image may refer to
  while (begin < text.size() && (text[begin] == ' ' || text[begin] == '<')) ++begin;
  std::size_t end = begin;
  while (end < text.size() && !ends_url(text[end])) ++end;
  if (end == text.size()) return {.unfinished = true};
  const std::string_view url = text.substr(begin, end - begin);
  if (url.find("//") == std::string_view::npos) return {};
  return {end, url, true, false};
}

Found bare(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && !ends_url(text[end]) && text[end] != ')' && text[end] != ']' && end - at < kMaxUrl) ++end;
  if (end == text.size()) return {.end = end, .url = text.substr(at), .unfinished = true};
  return {end, text.substr(at, end - at), false, false};
}

class Links final : public Guard {
 public:
  explicit Links(const Question& question) : question_(question) {}

  void look(const Window& window, Sight& sight) const override {
    const std::string_view text = window.text;
    Fence fence = window.fence;
    for (std::size_t at = window.from; at < text.size();) {
      Found found = fence.open() && window.code ? Found{} : construct(text, at, window.from);
      if (found.unfinished && window.last && !found.url.empty()) found.unfinished = false;  // the text's end ends it
      if (found.unfinished) {
        if (!window.last) return sight.hold_from(at);
        found = {};
      }
      if (const auto what = judge(found)) sight.hits.push_back({at, found.end, *what});
      const std::size_t next = found.url.empty() ? at + 1 : found.end;
      fence.step(text.substr(at, next - at));
      at = next;
    }
  }

 private:
  static Found construct(std::string_view text, std::size_t at, std::size_t from) {
    const char c = text[at];
    if (c == '!') {
      if (at + 1 == text.size()) return {.unfinished = true};
      return text[at + 1] == '[' ? bracket(text, at) : Found{};
    }
    if (c == '[') return bracket(text, at);
    if (lower(c) != 'h' || (at > from && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0)) return {};
    const std::string_view rest = text.substr(at);
    if (begins(rest, "http://") || begins(rest, "https://")) return bare(text, at);
    const bool may_become = rest.size() < 8 && (begins("https://", rest) || begins("http://", rest));
    return {.unfinished = may_become};
  }

  std::optional<std::string_view> judge(const Found& found) const {
    if (found.url.empty()) return std::nullopt;
    for (const std::string_view scheme : {"javascript:", "vbscript:", "data:text/html", "file:"})
      if (begins(found.url, scheme)) return kLink;
    const std::string host = host_of(found.url);
    if (host.empty() || host_allowed(question_.settings->hosts, host)) return std::nullopt;
    if (found.image) return kImage;
    if (carries_data(found.url)) return kLink;
    return std::nullopt;
  }

  bool carries_data(std::string_view url) const {
    const std::string_view rest = behind_host(url);
    const std::size_t query = rest.find_first_of("?#");
    if (question_.brought(url)) return false;
    if (longest_run(rest) >= kDataBytes) return true;
    if (query == std::string_view::npos) return false;
    const std::string data = percent_decoded(rest.substr(query));
    if (holds_surrogate(data)) return true;
    for (std::size_t at = data.find('='); at != std::string::npos; at = data.find('=', at + 1)) {
      const std::string_view value = std::string_view(data).substr(at + 1, data.find('&', at) - at - 1);
      if (value.size() >= kSharedBytes && question_.brought(value.substr(0, kSharedBytes * 2))) return true;
    }
    return false;
  }

  bool holds_surrogate(std::string_view data) const {
    if (question_.index == nullptr) return false;
    for (std::size_t at = 0; at < data.size(); ++at)
      if (question_.index->may_begin(data[at]) && question_.index->match(data.substr(at)).length > 0) return true;
    return false;
  }

  const Question& question_;
};

}  // namespace

std::string host_of(std::string_view url) {
  const std::size_t slashes = url.find("//");
  if (slashes == std::string_view::npos) return {};
  std::string_view host = url.substr(slashes + 2);
  host = host.substr(0, host.find_first_of("/?#"));
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos)
    host = host.substr(0, colon);
  while (host.ends_with('.')) host.remove_suffix(1);
  std::string out(host);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool host_allowed(const std::vector<std::string>& allowed, std::string_view host) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& each) {
    if (each.starts_with("*.")) return host.ends_with(std::string_view(each).substr(1));
    return host == each;
  });
}

std::unique_ptr<Guard> make_links(const Question& question) { return std::make_unique<Links>(question); }

}  // namespace bulwark::chat::output
