// The client's address, and the head that goes upstream.
#include "gateway/edge/forwarding.h"

#include <array>

#include "gateway/edge/text.h"
#include "wire/http/characters.h"

namespace bulwark::gateway {
namespace {

constexpr std::size_t kMaxForwardedHops = 32;

using http::KnownField;

/// Fields that are written anew below, whatever the client sent.
bool is_ours(KnownField field) {
  switch (field) {
    case KnownField::host:
    case KnownField::content_length:
    case KnownField::forwarded:
    case KnownField::x_forwarded_for:
    case KnownField::x_forwarded_proto:
    case KnownField::x_forwarded_host:
    case KnownField::x_forwarded_port:
    case KnownField::x_forwarded_server:
    case KnownField::x_forwarded_prefix:
    case KnownField::x_real_ip:
    case KnownField::x_request_id:
    case KnownField::traceparent:
    case KnownField::tracestate: return true;
    default: return false;
  }
}

std::size_t room_for(const Exchange& exchange, const UpstreamSettings& settings) {
  std::size_t room = 1024 + 3 * exchange.request.target.size() + 4 * exchange.request.authority.size() + settings.host_header.size();
  for (const Header& header : exchange.request.headers.list) room += header.name.size() + header.value.size() + 4;
  for (const auto& edit : exchange.upstream_edits.edits()) room += edit.name.size() + edit.value.size() + 4;
  return room;
}

/// What is no URI character, though common clients send it, is percent-encoded: every server reads it the same way then.
void add_target(TextCursor& out, std::string_view target) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::size_t plain = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (http::has(target[i], http::kUri)) continue;
    const auto byte = static_cast<unsigned char>(target[i]);
    const char encoded[3] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    out.add(target.substr(plain, i - plain)).add({encoded, 3});
    plain = i + 1;
  }
  out.add(target.substr(plain));
}

void add_identity(TextCursor& out, const Exchange& exchange) {
  const std::string client = exchange.client.address.text();
  const std::string_view scheme = exchange.request.secure ? "https" : "http";
  const std::string_view host = exchange.request.authority;
  out.field("x-forwarded-for", client).field("x-forwarded-proto", scheme).field("x-real-ip", client);
  if (!host.empty()) out.field("x-forwarded-host", host);
  const bool v6 = !exchange.client.address.is_v4();
  out.add("forwarded: for=").add(v6 ? "\"[" : "").add(client).add(v6 ? "]\"" : "");
  if (!host.empty()) out.add(";host=\"").add(host).add("\"");
  out.add(";proto=").add(scheme).add("\r\n");
  std::array<char, 32> trace;
  std::array<char, 16> span;
  exchange.trace.write_hex(trace.data());
  exchange.span.write_hex(span.data());
  const std::string_view trace_text(trace.data(), trace.size());
  out.field("x-request-id", trace_text);
  out.add("traceparent: 00-").add(trace_text).add("-").add({span.data(), span.size()}).add("-01\r\n");
}

void add_framing(TextCursor& out, const Exchange& exchange, const RequestFraming& framing) {
  if (exchange.request.websocket) out.add("connection: upgrade\r\nupgrade: websocket\r\n");
  if (framing.kind == http::BodyKind::chunked) out.add("transfer-encoding: chunked\r\n");
  if (framing.kind == http::BodyKind::length) out.add("content-length: ").add(framing.length).add("\r\n");
}

}  // namespace

bool is_trusted(const std::vector<IpPrefix>& trusted, const IpAddress& peer) {
  for (const IpPrefix& prefix : trusted)
    if (prefix.contains(peer)) return true;
  return false;
}

Endpoint client_address(const std::vector<IpPrefix>& trusted, const Endpoint& peer, const Headers& headers) {
  if (trusted.empty() || !is_trusted(trusted, peer.address)) return peer;
  Endpoint client = peer;
  std::size_t hops = 0;
  // Several fields of the name are one list (RFC 9110 §5.3): the last field's last element is the nearest hop.
  for (auto header = headers.list.rbegin(); header != headers.list.rend(); ++header) {
    if (header->known != KnownField::x_forwarded_for) continue;
    std::string_view list = header->value;
    while (!list.empty()) {
      const std::size_t comma = list.rfind(',');
      std::string_view hop = comma == std::string_view::npos ? list : list.substr(comma + 1);
      list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
      while (!hop.empty() && hop.front() == ' ') hop.remove_prefix(1);
      while (!hop.empty() && hop.back() == ' ') hop.remove_suffix(1);
      const auto address = IpAddress::parse(hop);
      if (!address.ok() || ++hops > kMaxForwardedHops) return client;
      client = {*address, 0};
      if (!is_trusted(trusted, client.address)) return client;
    }
  }
  return client;
}

TraceId trace_of(std::string_view traceparent) {
  // "00-" 32 hex "-" 16 hex "-" 2 hex
  if (traceparent.size() != 55 || traceparent.substr(0, 3) != "00-" || traceparent[35] != '-' || traceparent[52] != '-') return {};
  return TraceId::from_hex(traceparent.substr(3, 32)).value_or(TraceId{});
}

std::size_t write_request_head(UpstreamConnection& to, const Exchange& exchange, const UpstreamSettings& settings,
                               const RequestFraming& framing) {
  const std::size_t room = room_for(exchange, settings);
  TextCursor out(to.reserve(room), room);
  const Request& request = exchange.request;
  out.add(request.method).add(" ");
  add_target(out, request.target);
  out.add(" HTTP/1.1\r\n");
  if (!settings.host_header.empty())
    out.field("host", settings.host_header);
  else if (!request.authority.empty())
    out.field("host", request.authority);
  else  // HTTP/1.0 may come without one, HTTP/1.1 may not leave so (RFC 9112 §3.2)
    out.field("host", settings.servers[to.server()].text());
  const bool edited = !exchange.upstream_edits.edits().empty();
  for (const Header& header : request.headers.list) {
    if (header.hop_by_hop || is_ours(header.known)) continue;
    if (edited && exchange.upstream_edits.find(header.name) != nullptr) continue;
    out.field(header.name, header.value);
  }
  for (const auto& edit : exchange.upstream_edits.edits()) {
    bool look_alike = false;
    const KnownField known = http::known_field(edit.name, look_alike);
    // A stage may set what is its own business: not framing, and nothing that would not survive on one line.
    if (edit.remove || is_ours(known) || http::is_hop_by_hop(known)) continue;
    if (http::is_token(edit.name) && http::is_field_value(edit.value)) out.field(edit.name, edit.value);
  }
  add_identity(out, exchange);
  add_framing(out, exchange, framing);
  out.add("\r\n");
  to.commit(out.size());
  return out.size();
}

}  // namespace bulwark::gateway
