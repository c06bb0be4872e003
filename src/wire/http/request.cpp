// Requests: the request line, the target's forms, Host, and what governs framing.
#include "wire/http/characters.h"
#include "wire/http/fields_in.h"
#include "wire/http/head.h"
#include "wire/http/refusals.h"

namespace bulwark::http {
namespace {

constexpr std::size_t kMaxMethod = 32;
constexpr std::size_t kMaxAuthority = 262;  // a name of 255, a colon, a port

bool is_port(std::string_view text) {
  if (text.size() > 5) return false;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= 65535;
}

bool is_ipv6_literal(std::string_view text) {
  if (text.size() < 4 || text.size() > 47) return false;
  for (const char c : text.substr(1, text.size() - 2))
    if (c != ':' && c != '.' && !(c >= '0' && c <= '9') && !(lower(c) >= 'a' && lower(c) <= 'f')) return false;
  return true;
}

Refusal parse_version(std::string_view text, std::uint8_t& version) {
  if (text.size() != 8 || text.substr(0, 5) != "HTTP/" || text[6] != '.' || text[5] < '0' || text[5] > '9' || text[7] < '0' ||
      text[7] > '9')
    return refusals::kStartLine;
  if (text[5] == '0') return refusals::kStartLine;  // a request line never names a version below 1.0 (RFC 1945)
  if (text[5] != '1' || text[7] > '1') return refusals::kVersion;
  version = text[7] == '1' ? 11 : 10;
  return {};
}

/// Reduces "http://host/path" to "/path"; `named` is the host it names (RFC 9112 §3.2.2).
bool reduce_absolute(std::string_view& target, std::string_view& named) {
  const std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return false;
  if (!same_name(target.substr(0, scheme), "http") && !same_name(target.substr(0, scheme), "https")) return false;
  const std::string_view rest = target.substr(scheme + 3);
  const std::size_t slash = rest.find_first_of("/?");
  named = rest.substr(0, slash);
  if (slash != std::string_view::npos && rest[slash] == '?') return false;  // an empty path with a query: nobody sends it
  target = slash == std::string_view::npos ? std::string_view("/") : rest.substr(slash);
  return is_authority(named);
}

Refusal parse_target(std::string_view target, RequestHead& out, std::string_view& named) {
  for (const char c : target)
    if (!has(c, kTarget)) return refusals::kTarget;
  if (target == "*") {
    if (out.method != "OPTIONS") return refusals::kTarget;
  } else if (target.front() != '/' && !reduce_absolute(target, named)) {
    return refusals::kTarget;
  }
  out.target = target;
  const std::size_t question = target.find('?');
  out.path = target.substr(0, question);
  out.query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  return {};
}

Refusal parse_request_line(std::string_view line, RequestHead& out, std::string_view& named) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last - first < 2) return refusals::kStartLine;
  out.method = line.substr(0, first);
  if (out.method.size() > kMaxMethod || !is_token(out.method)) return refusals::kMethod;
  if (out.method == "TRACE" || out.method == "CONNECT") return refusals::kMethodRefused;
  if (const Refusal bad = parse_version(line.substr(last + 1), out.version)) return bad;
  return parse_target(line.substr(first + 1, last - first - 1), out, named);
}

/// What the fields say about the message, gathered while they are looked at once.
struct Seen {
  std::string_view host;
  bool has_host = false;
  std::string_view upgrade;
  bool has_key = false;
};

Refusal check_field(const Field& field, RequestHead& out, Seen& seen) {
  switch (field.known) {
    case KnownField::host:
      if (seen.has_host) return refusals::kHostDuplicate;
      seen.has_host = true;
      seen.host = field.value;
      return {};
    case KnownField::expect:
      if (!same_name(field.value, "100-continue") || out.expect_continue) return refusals::kExpect;
      out.expect_continue = true;
      return {};
    case KnownField::upgrade: seen.upgrade = seen.upgrade.data() == nullptr ? field.value : std::string_view("several"); return {};
    case KnownField::other:
      if (field.name.size() == 17 && same_name(field.name, "sec-websocket-key")) seen.has_key = true;
      return {};
    default: return {};
  }
}

Refusal check_host(const Seen& seen, std::string_view named, RequestHead& out) {
  if (!seen.has_host) {
    if (out.version == 11) return refusals::kHostMissing;
    out.authority = named;
    return {};
  }
  if (!is_authority(seen.host)) return refusals::kHostInvalid;
  if (!named.empty() && !same_name(named, seen.host)) return refusals::kHostMismatch;
  out.authority = seen.host;
  return {};
}

/// Only WebSocket is passed on; any other Upgrade is ignored, as RFC 9110 §7.8 lets us.
Refusal check_upgrade(const Seen& seen, const Framing& framing, RequestHead& out) {
  if (!same_name(seen.upgrade, "websocket") || !framing.upgrade) return {};
  if (out.version != 11 || out.method != "GET" || out.body != BodyKind::none || !seen.has_key) return refusals::kUpgrade;
  out.websocket = true;
  return {};
}

}  // namespace

bool is_authority(std::string_view text) {
  if (text.empty() || text.size() > kMaxAuthority) return false;
  std::size_t end = 0;
  if (text.front() == '[') {
    end = text.find(']');
    if (end == std::string_view::npos) return false;
    ++end;
    if (!is_ipv6_literal(text.substr(0, end))) return false;
  } else {
    while (end < text.size() && has(text[end], kHost)) ++end;
    if (end == 0) return false;
  }
  if (end == text.size()) return true;
  return text[end] == ':' && is_port(text.substr(end + 1));
}

Refusal parse_request_head(std::string_view head, const HeadLimits& limits, RequestHead& out) {
  out.fields.clear();
  out.method = out.target = out.path = out.query = out.authority = {};
  out.expect_continue = out.websocket = false;
  const std::size_t line_end = head.find("\r\n");
  if (line_end == std::string_view::npos || head.size() < line_end + 4) return refusals::kStartLine;
  std::string_view named;
  if (const Refusal bad = parse_request_line(head.substr(0, line_end), out, named)) return bad;
  const std::string_view lines = head.substr(line_end + 2, head.size() - line_end - 4);
  if (const Refusal bad = parse_fields(lines, limits.max_fields, out.fields)) return bad;
  Seen seen;
  for (const Field& field : out.fields)
    if (const Refusal bad = check_field(field, out, seen)) return bad;
  if (const Refusal bad = check_host(seen, named, out)) return bad;
  Framing framing;
  if (const Refusal bad = read_framing(out.fields, out.version, framing)) return bad;
  out.keep_alive = framing.keep_alive;
  out.body = framing.chunked ? BodyKind::chunked : framing.has_length ? BodyKind::length : BodyKind::none;
  out.content_length = framing.length;
  if (out.version == 10) out.expect_continue = false;
  return check_upgrade(seen, framing, out);
}

}  // namespace bulwark::http
