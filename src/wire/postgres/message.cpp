// Parsers of what a client sends after login.
#include "wire/postgres/message.h"

#include "wire/postgres/cursor.h"

namespace bulwark::wire::postgres {
namespace {

Error malformed(std::string_view what) { return client_error(Code::invalid, "malformed " + std::string(what) + " message"); }

}  // namespace

Result<std::optional<Header>> read_header(std::string_view bytes, std::uint32_t max_body) {
  if (bytes.size() < kHeaderBytes) return std::optional<Header>{};
  const std::uint32_t length = *Cursor(bytes.substr(1)).u32();
  if (length < 4) return client_error(Code::invalid, "message length below its minimum of 4");
  if (length - 4 > max_body) return client_error(Code::too_large, "message longer than allowed");
  return std::optional<Header>{Header{bytes[0], length - 4}};
}

bool is_frontend_type(char type) { return std::string_view("BCdcfDEHFPpQSX").find(type) != std::string_view::npos; }

bool is_backend_type(char type) { return std::string_view("RK23CWdcGHDIEVvnNAtS1sZT").find(type) != std::string_view::npos; }

Result<std::string_view> read_query(std::string_view body) {
  Cursor cursor(body);
  const auto sql = cursor.c_string();
  if (!sql || !cursor.done()) return malformed("Query");
  return *sql;
}

Result<ParseMessage> read_parse(std::string_view body) {
  Cursor cursor(body);
  const auto statement = cursor.c_string();
  const auto sql = statement ? cursor.c_string() : std::nullopt;
  const auto types = sql ? cursor.u16() : std::nullopt;
  if (!types || cursor.rest().size() != std::size_t{*types} * 4) return malformed("Parse");
  if (statement->size() > kMaxNameBytes) return client_error(Code::too_large, "statement name too long");
  return ParseMessage{*statement, *sql, *types};
}

Result<std::optional<BindNames>> read_bind_names(std::string_view prefix) {
  Cursor cursor(prefix.substr(0, 2 * (kMaxNameBytes + 1)));
  const auto portal = cursor.c_string();
  const auto statement = portal ? cursor.c_string() : std::nullopt;
  if (statement && portal->size() <= kMaxNameBytes && statement->size() <= kMaxNameBytes)
    return std::optional<BindNames>{BindNames{*portal, *statement}};
  if (statement || prefix.size() >= 2 * (kMaxNameBytes + 1)) return client_error(Code::too_large, "name in Bind too long");
  return std::optional<BindNames>{};
}

Result<BindMessage> read_bind(std::string_view body) {
  const auto names = read_bind_names(body);
  if (!names.ok()) return names.error();
  if (!names->has_value()) return malformed("Bind");
  BindMessage out;
  out.names = **names;
  Cursor cursor(body.substr(out.names.portal.size() + out.names.statement.size() + 2));
  const auto formats = cursor.u16();
  for (std::size_t i = 0; formats && i < *formats; ++i) {
    const auto format = cursor.u16();
    if (!format) return malformed("Bind");
    out.formats.push_back(*format);
  }
  const auto values = formats ? cursor.u16() : std::nullopt;
  if (!values) return malformed("Bind");
  for (std::size_t i = 0; i < *values; ++i) {
    const auto size = cursor.u32();
    if (size && *size == UINT32_MAX) {
      out.values.emplace_back(std::nullopt);
      continue;
    }
    const auto value = size ? cursor.bytes(*size) : std::nullopt;
    if (!value) return malformed("Bind");
    out.values.emplace_back(*value);
  }
  if (out.formats.size() > 1 && out.formats.size() != out.values.size()) return malformed("Bind");
  return out;
}

Result<ExecuteMessage> read_execute(std::string_view body) {
  Cursor cursor(body);
  const auto portal = cursor.c_string();
  const auto rows = portal ? cursor.u32() : std::nullopt;
  if (!rows || !cursor.done()) return malformed("Execute");
  if (portal->size() > kMaxNameBytes) return client_error(Code::too_large, "portal name too long");
  return ExecuteMessage{*portal, *rows};
}

Result<NamedTarget> read_named_target(std::string_view body) {
  Cursor cursor(body);
  const auto kind = cursor.u8();
  const auto name = kind ? cursor.c_string() : std::nullopt;
  if (!name || !cursor.done() || (*kind != 'S' && *kind != 'P')) return malformed("Describe or Close");
  if (name->size() > kMaxNameBytes) return client_error(Code::too_large, "name too long");
  return NamedTarget{static_cast<char>(*kind), *name};
}

}  // namespace bulwark::wire::postgres
