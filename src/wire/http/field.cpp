// Character classes applied, and the table of known field names.
#include "wire/http/field.h"

#include <algorithm>
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

ReadName read_name(std::string_view text) {
  ReadName read;
  char folded[kLongest + 1];
  std::size_t size = 0;
  for (const std::size_t kept = std::min(text.size(), sizeof folded); size < kept; ++size) {
    folded[size] = kFoldedName[static_cast<std::uint8_t>(text[size])];
    if (folded[size] == '\0') break;
  }
  if (size == sizeof folded)  // longer than any known name: where it ends is all there is to know
    while (size < text.size() && has(text[size], kToken)) ++size;
  read.size = size;
  if (read.size == 0 || read.size > kLongest) return read;
  for (std::size_t i = kByLength[read.size]; i < kByLength[read.size + 1]; ++i) {
    if (kNames[i].name.front() != folded[0] || std::memcmp(kNames[i].name.data(), folded, read.size) != 0) continue;
    read.known = kNames[i].field;
    read.look_alike = text.substr(0, read.size).find('_') != std::string_view::npos;
    break;
  }
  return read;
}

KnownField known_field(std::string_view name, bool& look_alike) {
  const ReadName read = read_name(name);
  look_alike = read.size == name.size() && read.look_alike;
  return read.size == name.size() ? read.known : KnownField::other;
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
  // Eight bytes at a time while none of them is below SP or DEL; the tests for a zero byte are Hacker's Delight (Warren), §6-1.
  constexpr std::uint64_t kEach = 0x0101010101010101, kHigh = 0x8080808080808080;
  while (text.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), sizeof word);
    const std::uint64_t control = (word - kEach * 0x20) & ~word;
    const std::uint64_t without_del = word ^ (kEach * 0x7f);
    if (((control | ((without_del - kEach) & ~without_del)) & kHigh) != 0) break;
    text.remove_prefix(sizeof word);
  }
  for (const char c : text)
    if (!has(c, kFieldValue)) return false;
  return true;
}

}  // namespace bulwark::http
