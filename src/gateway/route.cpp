// Matching: the authority's host in lower case, the path as every server would resolve it.
#include "gateway/route.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "wire/http/characters.h"

namespace bulwark::gateway {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = http::lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

/// How a server may read what looks like a separator: some take "%2f", "%5c" and '\' for '/', some do not.
enum class Separators : std::uint8_t { plain, lenient };

std::string decode(std::string_view path, Separators separators) {
  std::string out;
  out.reserve(path.size());
  const bool lenient = separators == Separators::lenient;
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '%' && i + 2 < path.size() && hex_digit(path[i + 1]) >= 0 && hex_digit(path[i + 2]) >= 0) {
      const char decoded = static_cast<char>(hex_digit(path[i + 1]) << 4 | hex_digit(path[i + 2]));
      if (is_unreserved(decoded) || (lenient && (decoded == '/' || decoded == '\\'))) {
        c = decoded;
        i += 2;
      }
    }
    out.push_back(lenient && c == '\\' ? '/' : c);
  }
  return out;
}

/// RFC 3986 §5.2.4, and several slashes count as one.
std::string resolve(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  while (!path.empty()) {
    path.remove_prefix(path.front() == '/' ? 1 : 0);
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    path = last ? std::string_view() : path.substr(slash);
    if (segment == "..") {
      out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
    } else if (segment != "." && !segment.empty()) {
      out.append("/").append(segment);
    }
    if (last && (segment.empty() || segment == "." || segment == "..")) out.push_back('/');
  }
  return out.empty() ? "/" : out;
}

/// Most paths: nothing that two servers could read in two ways.
bool is_plain(std::string_view path) {
  char previous = '\0';
  for (const char c : path) {
    if (c == '%' || c == '\\' || (previous == '/' && (c == '/' || c == '.'))) return false;
    previous = c;
  }
  return true;
}

std::string_view host_of(std::string_view authority) {
  if (!authority.empty() && authority.front() == '[') return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool host_matches(std::string_view pattern, std::string_view host) {
  if (pattern.empty()) return true;
  if (pattern.substr(0, 2) != "*.") return http::same_name(pattern, host);
  const std::string_view suffix = pattern.substr(1);
  return host.size() > suffix.size() && http::same_name(host.substr(host.size() - suffix.size()), suffix);
}

bool path_matches(std::string_view prefix, std::string_view path) {
  // Its last byte first: prefixes tend to begin alike ("/api/…") and are told apart by their ends.
  if (prefix.size() > path.size() || (!prefix.empty() && path[prefix.size() - 1] != prefix.back())) return false;
  if (path.substr(0, prefix.size()) != prefix) return false;
  return prefix.empty() || prefix.back() == '/' || path.size() == prefix.size() || path[prefix.size()] == '/';
}

const Route* first_match(const std::vector<std::shared_ptr<const Route>>& routes, std::string_view host, std::string_view path) {
  for (const auto& route : routes)
    if (host_matches(route->host, host) && path_matches(route->path_prefix, path)) return route.get();
  return nullptr;
}

}  // namespace

RouteTable::RouteTable(std::vector<std::shared_ptr<const Route>> routes) : routes_(std::move(routes)) {
  std::stable_sort(routes_.begin(), routes_.end(), [](const auto& a, const auto& b) {
    const auto rank = [](const Route& route) {
      const int host = route.host.empty() ? 2 : route.host.front() == '*' ? 1 : 0;
      return std::tuple(host, -static_cast<long>(route.host.size()), -static_cast<long>(route.path_prefix.size()));
    };
    return rank(*a) < rank(*b);
  });
}

const Route* RouteTable::match(std::string_view authority, std::string_view path) const {
  const std::string_view host = host_of(authority);
  if (is_plain(path)) return first_match(routes_, host, path == "*" ? "/" : path);
  const Route* strict = first_match(routes_, host, resolve(decode(path, Separators::plain)));
  const Route* lenient = first_match(routes_, host, resolve(decode(path, Separators::lenient)));
  return strict == lenient ? strict : nullptr;  // a path that two servers read as two routes is nobody's
}

}  // namespace bulwark::gateway
