// Responses, as strictly as requests: a response that can be read in two ways poisons the connection it came on.
#include "wire/http/fields_in.h"
#include "wire/http/head.h"
#include "wire/http/refusals.h"

namespace bulwark::http {
namespace {

Refusal parse_status_line(std::string_view line, ResponseHead& out) {
  if (line.size() < 12 || line.substr(0, 7) != "HTTP/1." || (line[7] != '0' && line[7] != '1') || line[8] != ' ') return refusals::kStatus;
  out.version = line[7] == '1' ? 11 : 10;
  unsigned status = 0;
  for (std::size_t i = 9; i < 12; ++i) {
    if (line[i] < '0' || line[i] > '9') return refusals::kStatus;
    status = status * 10 + static_cast<unsigned>(line[i] - '0');
  }
  if (status < 100 || status > 599) return refusals::kStatus;
  out.status = static_cast<std::uint16_t>(status);
  if (line.size() == 12) return {};  // without the space before an empty reason: common, and harmless
  if (line[12] != ' ' || !is_field_value(line.substr(13))) return refusals::kStatus;
  return {};
}

/// RFC 9112 §6.3.
Refusal decide_body(const Framing& framing, bool to_head, ResponseHead& out) {
  const bool never = out.status < 200 || out.status == 204;
  if (never) {
    if (framing.chunked || framing.length != 0) return refusals::kBodyForbidden;
    out.body = BodyKind::none;
  } else if (to_head || out.status == 304) {
    out.body = BodyKind::none;
  } else if (framing.chunked) {
    out.body = BodyKind::chunked;
  } else {
    out.body = framing.has_length ? BodyKind::length : BodyKind::until_close;
  }
  out.has_content_length = framing.has_length && !never;
  out.content_length = framing.length;
  return {};
}

}  // namespace

Refusal parse_response_head(std::string_view head, bool to_head, const HeadLimits& limits, ResponseHead& out) {
  out.fields.clear();
  out.websocket = false;
  const std::size_t line_end = head.find("\r\n");
  if (line_end == std::string_view::npos || head.size() < line_end + 4) return refusals::kStatus;
  if (const Refusal bad = parse_status_line(head.substr(0, line_end), out)) return bad;
  if (const Refusal bad = parse_fields(head.substr(line_end + 2, head.size() - line_end - 4), limits.max_fields, out.fields)) return bad;
  Framing framing;
  if (const Refusal bad = read_framing(out.fields, out.version, framing)) return bad;
  if (const Refusal bad = decide_body(framing, to_head, out)) return bad;
  out.keep_alive = framing.keep_alive && out.body != BodyKind::until_close;
  if (out.status == 101) {
    for (const Field& field : out.fields)
      if (field.known == KnownField::upgrade) out.websocket = same_name(field.value, "websocket") && framing.upgrade;
    if (!out.websocket) return refusals::kSwitch;
  }
  return {};
}

std::string_view reason_phrase(std::uint16_t status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 418: return "I'm a teapot";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
  }
}

}  // namespace bulwark::http
