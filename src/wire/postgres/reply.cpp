// Parsers of a server's messages.
#include "wire/postgres/reply.h"

#include <charconv>

#include "wire/postgres/cursor.h"

namespace bulwark::wire::postgres {
namespace {

Error malformed(std::string_view what) {
  return upstream_error(Code::invalid, "malformed " + std::string(what) + " message from the server");
}

}  // namespace

Result<ErrorFields> read_error(std::string_view body) {
  ErrorFields fields;
  Cursor cursor(body);
  for (;;) {
    const auto field = cursor.u8();
    if (!field) return malformed("ErrorResponse");
    if (*field == 0) break;
    const auto value = cursor.c_string();
    if (!value) return malformed("ErrorResponse");
    if (*field == 'S') fields.severity = *value;
    if (*field == 'C') fields.sqlstate = *value;
    if (*field == 'M') fields.message = *value;
  }
  if (!cursor.done()) return malformed("ErrorResponse");
  return fields;
}

Result<CommandTag> read_command_complete(std::string_view body) {
  Cursor cursor(body);
  const auto tag = cursor.c_string();
  if (!tag || !cursor.done()) return malformed("CommandComplete");
  CommandTag result{*tag, 0};
  const auto space = tag->rfind(' ');
  if (space != std::string_view::npos) {
    const char* end = tag->data() + tag->size();
    const auto [parsed, error] = std::from_chars(tag->data() + space + 1, end, result.rows);
    if (error != std::errc{} || parsed != end) result.rows = 0;
  }
  return result;
}

Result<TransactionState> read_ready_for_query(std::string_view body) {
  if (body.size() != 1 || std::string_view("ITE").find(body[0]) == std::string_view::npos) return malformed("ReadyForQuery");
  return static_cast<TransactionState>(body[0]);
}

Result<Parameter> read_parameter_status(std::string_view body) {
  Cursor cursor(body);
  const auto name = cursor.c_string();
  const auto value = name ? cursor.c_string() : std::nullopt;
  if (!value || !cursor.done()) return malformed("ParameterStatus");
  return Parameter{*name, *value};
}

Result<BackendKey> read_backend_key(std::string_view body) {
  Cursor cursor(body);
  const auto process = cursor.u32();
  const auto secret = process ? cursor.u32() : std::nullopt;
  if (!secret || !cursor.done()) return malformed("BackendKeyData");
  return BackendKey{*process, *secret};
}

Result<Authentication> read_authentication(std::string_view body) {
  Cursor cursor(body);
  const auto code = cursor.u32();
  if (!code) return malformed("Authentication");
  return Authentication{*code, cursor.rest()};
}

Result<std::vector<std::string_view>> read_sasl_mechanisms(std::string_view data) {
  std::vector<std::string_view> mechanisms;
  Cursor cursor(data);
  for (;;) {
    const auto name = cursor.c_string();
    if (!name) return malformed("AuthenticationSASL");
    if (name->empty()) break;
    if (mechanisms.size() == kMaxMechanisms) return malformed("AuthenticationSASL");
    mechanisms.push_back(*name);
  }
  if (!cursor.done()) return malformed("AuthenticationSASL");
  return mechanisms;
}

}  // namespace bulwark::wire::postgres
