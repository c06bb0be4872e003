// Character classes applied, and the table of known field names.
#include "wire/http/field.h"

#include <array>
#include <cstring>
#include <iterator>

#include "wire/http/characters.h"

namespace bulwark::http {
namespace {

struct KnownName {
  std::string_view name;
  KnownField field;
};

constexpr KnownName kNames[] = {
    {"te", KnownField::te},
    {"via", KnownField::via},
    {"host", KnownField::host},
    {"date", KnownField::date},
    {"cookie", KnownField::cookie},
    {"expect", KnownField::expect},
    {"server", KnownField::server},
    {"trailer", KnownField::trailer},
    {"upgrade", KnownField::upgrade},
    {"forwarded", KnownField::forwarded},
    {"x-real-ip", KnownField::x_real_ip},
    {"connection", KnownField::connection},
    {"keep-alive", KnownField::keep_alive},
    {"set-cookie", KnownField::set_cookie},
    {"tracestate", KnownField::tracestate},
    {"traceparent", KnownField::traceparent},
    {"content-type", KnownField::content_type},
    {"x-request-id", KnownField::x_request_id},
    {"authorization", KnownField::authorization},
    {"content-range", KnownField::content_range},
    {"content-length", KnownField::content_length},
    {"http2-settings", KnownField::http2_settings},
    {"x-forwarded-for", KnownField::x_forwarded_for},
    {"content-encoding", KnownField::content_encoding},
    {"proxy-connection", KnownField::proxy_connection},
    {"x-forwarded-host", KnownField::x_forwarded_host},
    {"x-forwarded-port", KnownField::x_forwarded_port},
    {"transfer-encoding", KnownField::transfer_encoding},
    {"x-forwarded-proto", KnownField::x_forwarded_proto},
    {"proxy-authenticate", KnownField::proxy_authenticate},
    {"x-forwarded-server", KnownField::x_forwarded_server},
    {"x-forwarded-prefix", KnownField::x_forwarded_prefix},
    {"proxy-authorization", KnownField::proxy_authorization},
};

constexpr std::size_t kLongest = 19;

/// kNames is sorted by length: where each length begins.
constexpr auto kByLength = [] {
  std::array<std::uint8_t, kLongest + 2> begin{};
  std::size_t at = 0;
  for (std::size_t length = 0; length < begin.size(); ++length) {
    while (at < std::size(kNames) && kNames[at].name.size() < length) ++at;
    begin[length] = static_cast<std::uint8_t>(at);
  }
  return begin;
}();

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

KnownField known_field(std::string_view name, bool& look_alike) {
  look_alike = false;
  if (name.size() > kLongest) return KnownField::other;
  const std::size_t begin = kByLength[name.size()];
  const std::size_t end = kByLength[name.size() + 1];
  const char first = name.empty() ? '\0' : lower(name.front());  // no name of the table begins with '-'
  bool candidate = false;
  for (std::size_t i = begin; i < end; ++i) candidate |= kNames[i].name.front() == first;
  if (!candidate) return KnownField::other;
  char plain[kLongest];
  bool underscore = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    underscore |= name[i] == '_';
    plain[i] = name[i] == '_' ? '-' : lower(name[i]);
  }
  for (std::size_t i = begin; i < end; ++i)
    if (std::memcmp(kNames[i].name.data(), plain, name.size()) == 0) {
      look_alike = underscore;
      return kNames[i].field;
    }
  return KnownField::other;
}

bool is_hop_by_hop(KnownField field) {
  switch (field) {
    case KnownField::connection:
    case KnownField::transfer_encoding:
    case KnownField::te:
    case KnownField::trailer:
    case KnownField::upgrade:
    case KnownField::expect:
    case KnownField::keep_alive:
    case KnownField::proxy_connection:
    case KnownField::proxy_authorization:
    case KnownField::proxy_authenticate:
    case KnownField::http2_settings: return true;
    default: return false;
  }
}

bool is_token(std::string_view text) {
  for (const char c : text)
    if (!has(c, kToken)) return false;
  return !text.empty();
}

bool is_field_value(std::string_view text) {
  for (const char c : text)
    if (!has(c, kFieldValue)) return false;
  return true;
}

}  // namespace bulwark::http
