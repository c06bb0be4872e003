// Header fields as views into the received bytes, with the names that matter to framing and forwarding recognised once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bulwark::http {

/// Fields that a gateway must treat in a way of their own.
enum class KnownField : std::uint8_t {
  other,
  // framing and the connection (RFC 9112)
  host,
  connection,
  content_length,
  transfer_encoding,
  te,
  trailer,
  upgrade,
  expect,
  keep_alive,
  proxy_connection,
  proxy_authorization,
  proxy_authenticate,
  http2_settings,
  // who asked, as only the gateway may say
  forwarded,
  x_forwarded_for,
  x_forwarded_proto,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_server,
  x_forwarded_prefix,
  x_real_ip,
  x_request_id,
  traceparent,
  tracestate,
  // of interest to many
  authorization,
  cookie,
  content_type,
  content_encoding,
  content_range,
  set_cookie,
  date,
  server,
  via,
};

struct Field {
  std::string_view name;   ///< as received; compare with same_name()
  std::string_view value;  ///< optional white space trimmed
  KnownField known = KnownField::other;
  bool hop_by_hop = false;  ///< ends here: never forwarded
};

/// ASCII case-insensitive.
bool same_name(std::string_view a, std::string_view b);

/// The field name that `text` begins with: its length (0 if it begins with no tchar), what it is known as, and whether it only looks
/// like that (see known_field).
struct ReadName {
  std::size_t size = 0;
  KnownField known = KnownField::other;
  bool look_alike = false;
};
ReadName read_name(std::string_view text);

/// Recognises a name; '_' counts as '-' (as CGI-like servers take it), then `look_alike` is set.
KnownField known_field(std::string_view name, bool& look_alike);

/// True for the fields that concern one connection only (RFC 9110 §7.6.1).
bool is_hop_by_hop(KnownField field);

/// RFC 9110 §5.6.2.
bool is_token(std::string_view text);
/// RFC 9110 §5.5 without the leading and trailing white space: no controls but HTAB.
bool is_field_value(std::string_view text);

/// Calls `each(element)` for the non-empty elements of a comma-separated list (RFC 9110 §5.6.1), trimmed.
template <class Each>
void for_each_element(std::string_view list, Each each) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view element = list.substr(0, comma);
    while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
    while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
    if (!element.empty()) each(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace bulwark::http
