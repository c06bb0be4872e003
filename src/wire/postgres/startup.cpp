// Parser of the packet that opens a connection.
#include "wire/postgres/startup.h"

#include "wire/postgres/cursor.h"

namespace bulwark::wire::postgres {
namespace {

Error malformed() { return client_error(Code::invalid, "malformed start-up packet"); }

Result<void> read_parameters(Cursor& cursor, std::vector<Parameter>& out) {
  for (;;) {
    const auto name = cursor.c_string();
    if (!name) return malformed();
    if (name->empty()) break;
    const auto value = cursor.c_string();
    if (!value) return malformed();
    if (out.size() == Startup::kMaxParameters) return client_error(Code::too_large, "too many start-up parameters");
    out.push_back({*name, *value});
  }
  if (!cursor.done()) return malformed();
  return {};
}

}  // namespace

std::string_view Startup::parameter(std::string_view name) const {
  std::string_view value;
  for (const auto& each : parameters)
    if (each.name == name) value = each.value;
  return value;
}

Result<std::optional<Startup>> read_startup(std::string_view bytes) {
  const auto length = Cursor(bytes).u32();
  if (!length) return std::optional<Startup>{};
  if (*length < 8) return malformed();
  if (*length > Startup::kMaxBytes) return client_error(Code::too_large, "start-up packet longer than 10000 bytes");
  if (bytes.size() < *length) return std::optional<Startup>{};

  Cursor cursor(bytes.substr(4, *length - 4));
  const std::uint32_t code = *cursor.u32();
  Startup packet;
  packet.bytes = *length;
  switch (code) {
    case kSslRequest:
    case kGssEncRequest:
      packet.kind = code == kSslRequest ? Startup::Kind::tls : Startup::Kind::gss_encryption;
      if (!cursor.done()) return malformed();
      return std::optional<Startup>{std::move(packet)};
    case kCancelRequest:
      packet.kind = Startup::Kind::cancel;
      if (cursor.rest().size() != 8) return malformed();
      packet.key.process = *cursor.u32();
      packet.key.secret = *cursor.u32();
      return std::optional<Startup>{std::move(packet)};
    default: break;
  }
  if (code >> 16 != 3) return client_error(Code::unsupported, "only protocol version 3 is spoken here");
  packet.minor = static_cast<std::uint16_t>(code & 0xffff);
  TRY(read_parameters(cursor, packet.parameters));
  return std::optional<Startup>{std::move(packet)};
}

}  // namespace bulwark::wire::postgres
