// The rewriting: pseudo-header fields become the request line and Host, crumbs of Cookie become one field.
#include "gateway/edge/http2_head.h"

#include <algorithm>

#include "wire/http/field.h"
#include "wire/http/refusals.h"

namespace bulwark::gateway {
namespace {

using http::Refusal;

constexpr Refusal kPseudo{400, "http2.pseudo_field", "A pseudo-header field is unknown, repeated, misplaced or malformed."};
constexpr Refusal kPseudoMissing{400, "http2.pseudo_missing", "A pseudo-header field is missing."};
constexpr Refusal kConnectionField{400, "http2.connection_field", "A field that concerns one connection stands in HTTP/2."};
constexpr Refusal kUpperCase{400, "http2.field_name_case", "A field's name is not in lower case."};

bool lower_case(std::string_view name) {
  return std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// RFC 9113 §8.2.2; te has one value that is allowed.
bool concerns_connection(http::KnownField known, std::string_view value) {
  switch (known) {
    case http::KnownField::connection:
    case http::KnownField::keep_alive:
    case http::KnownField::proxy_connection:
    case http::KnownField::transfer_encoding:
    case http::KnownField::upgrade:
    case http::KnownField::http2_settings: return true;
    case http::KnownField::te: return value != "trailers";
    default: return false;
  }
}

/// Put where the request line has spaces and ends, it must hold neither.
bool fits_request_line(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

void Http2RequestHead::clear() {
  const auto trim = [](std::string& text) {
    text.clear();
    if (text.capacity() > kKeptBytes) text.shrink_to_fit();
  };
  for (auto* text : {&method_, &path_, &authority_, &cookies_, &text_}) trim(*text);
  refusal_ = {};
  fields_begun_ = has_scheme_ = false;
  bytes_ = 0;
}

void Http2RequestHead::add(std::string_view name, std::string_view value, const http::HeadLimits& limits) {
  bytes_ += name.size() + value.size() + kFieldOverhead;
  if (refusal_) return;
  if (bytes_ > limits.max_bytes)
    refusal_ = http::refusals::kHeadTooLarge;
  else
    refusal_ = name.starts_with(':') ? add_pseudo(name, value) : add_regular(name, value);
}

Refusal Http2RequestHead::add_pseudo(std::string_view name, std::string_view value) {
  if (fields_begun_ || !fits_request_line(value)) return kPseudo;
  if (name == ":scheme") {
    if (has_scheme_ || (value != "https" && value != "http")) return kPseudo;
    has_scheme_ = true;
    return {};
  }
  std::string* const kept = name == ":method" ? &method_ : name == ":path" ? &path_ : name == ":authority" ? &authority_ : nullptr;
  if (kept == nullptr || !kept->empty()) return kPseudo;
  *kept = value;
  return {};
}

/// The pseudo-header fields are complete: they become the request line.
Refusal Http2RequestHead::begin_fields() {
  if (fields_begun_) return {};
  fields_begun_ = true;
  if (method_.empty()) return kPseudoMissing;
  if (method_ == "CONNECT") return http::refusals::kMethodRefused;  // also extended CONNECT, which SETTINGS never offers
  if (path_.empty() || !has_scheme_) return kPseudoMissing;
  if (path_ != "*" && path_.front() != '/') return http::refusals::kTarget;  // absolute forms exist in HTTP/1.1 only
  text_.append(method_).append(" ").append(path_).append(" HTTP/1.1\r\n");
  if (!authority_.empty()) text_.append("host: ").append(authority_).append("\r\n");
  return {};
}

Refusal Http2RequestHead::add_regular(std::string_view name, std::string_view value) {
  if (const Refusal bad = begin_fields()) return bad;
  if (!http::is_token(name)) return http::refusals::kFieldName;
  if (!lower_case(name)) return kUpperCase;
  if (!http::is_field_value(value)) return http::refusals::kFieldValue;
  bool look_alike = false;
  const auto known = http::known_field(name, look_alike);
  if (concerns_connection(known, value)) return kConnectionField;
  if (known == http::KnownField::cookie && !look_alike) {
    cookies_.append(cookies_.empty() ? "" : "; ").append(value);
    return {};
  }
  if (known == http::KnownField::host && !authority_.empty() && !look_alike)  // RFC 9113 §8.3.1: must not differ
    return http::same_name(value, authority_) ? Refusal{} : http::refusals::kHostMismatch;
  text_.append(name).append(": ").append(value).append("\r\n");
  return {};
}

Refusal Http2RequestHead::finish(const http::HeadLimits& limits, http::RequestHead& out) {
  if (!refusal_) refusal_ = begin_fields();
  if (refusal_) return refusal_;
  if (path_.size() > limits.max_line) return http::refusals::kLineTooLong;
  if (!cookies_.empty()) text_.append("cookie: ").append(cookies_).append("\r\n");
  text_.append("\r\n");
  return http::parse_request_head(text_, limits, out);
}

}  // namespace bulwark::gateway
