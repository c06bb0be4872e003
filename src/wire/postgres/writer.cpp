// Builders of messages for both directions.
#include "wire/postgres/writer.h"

#include "wire/postgres/message.h"
#include "wire/postgres/startup.h"

namespace bulwark::wire::postgres {

Message::Message(std::string& out, char type) : out_(out) {
  if (type != 0) out_.push_back(type);
  length_at_ = out_.size();
  out_.append(4, '\0');
}

Message& Message::u8(char value) {
  out_.push_back(value);
  return *this;
}

Message& Message::u16(std::uint16_t value) {
  out_.push_back(static_cast<char>(value >> 8));
  out_.push_back(static_cast<char>(value));
  return *this;
}

Message& Message::u32(std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out_.push_back(static_cast<char>(value >> shift));
  return *this;
}

Message& Message::c_string(std::string_view value) {
  out_.append(value.substr(0, value.find('\0'))).push_back('\0');
  return *this;
}

Message& Message::bytes(std::string_view value) {
  out_.append(value);
  return *this;
}

void Message::finish() {
  const auto length = static_cast<std::uint32_t>(out_.size() - length_at_);
  for (int i = 0; i < 4; ++i) out_[length_at_ + static_cast<std::size_t>(i)] = static_cast<char>(length >> (24 - 8 * i));
}

void write_error(std::string& out, const ErrorReport& report) {
  Message message(out, backend::kErrorResponse);
  message.u8('S').c_string(report.severity).u8('V').c_string(report.severity).u8('C').c_string(report.sqlstate);
  message.u8('M').c_string(report.message);
  if (!report.detail.empty()) message.u8('D').c_string(report.detail);
  if (!report.hint.empty()) message.u8('H').c_string(report.hint);
  if (report.position > 0) message.u8('P').c_string(std::to_string(report.position));
  message.u8('\0').finish();
}

void write_authentication(std::string& out, std::uint32_t code, std::string_view data) {
  Message(out, backend::kAuthentication).u32(code).bytes(data).finish();
}

void write_sasl_mechanisms(std::string& out, std::span<const std::string_view> mechanisms) {
  Message message(out, backend::kAuthentication);
  message.u32(Authentication::kSasl);
  for (const auto each : mechanisms) message.c_string(each);
  message.u8('\0').finish();
}

void write_backend_key(std::string& out, const BackendKey& key) {
  Message(out, backend::kBackendKeyData).u32(key.process).u32(key.secret).finish();
}

void write_parameter_status(std::string& out, std::string_view name, std::string_view value) {
  Message(out, backend::kParameterStatus).c_string(name).c_string(value).finish();
}

void write_ready_for_query(std::string& out, TransactionState state) {
  Message(out, backend::kReadyForQuery).u8(static_cast<char>(state)).finish();
}

void write_negotiate_version(std::string& out, std::span<const std::string_view> unknown_options) {
  Message message(out, backend::kNegotiateProtocolVersion);
  message.u32(0).u32(static_cast<std::uint32_t>(unknown_options.size()));
  for (const auto each : unknown_options) message.c_string(each);
  message.finish();
}

void write_ssl_request(std::string& out) { Message(out, 0).u32(kSslRequest).finish(); }

void write_cancel_request(std::string& out, const BackendKey& key) {
  Message(out, 0).u32(kCancelRequest).u32(key.process).u32(key.secret).finish();
}

void write_startup(std::string& out, std::span<const Parameter> parameters) {
  Message message(out, 0);
  message.u32(kProtocol3);
  for (const auto& each : parameters) message.c_string(each.name).c_string(each.value);
  message.u8('\0').finish();
}

void write_sasl_initial(std::string& out, std::string_view mechanism, std::string_view data) {
  Message(out, frontend::kPassword).c_string(mechanism).u32(static_cast<std::uint32_t>(data.size())).bytes(data).finish();
}

void write_password_message(std::string& out, std::string_view data) { Message(out, frontend::kPassword).bytes(data).finish(); }

void write_query(std::string& out, std::string_view sql) { Message(out, frontend::kQuery).c_string(sql).finish(); }

void write_parse(std::string& out, std::string_view statement, std::string_view sql) {
  Message(out, frontend::kParse).c_string(statement).c_string(sql).u16(0).finish();
}

void write_terminate(std::string& out) { Message(out, frontend::kTerminate).finish(); }

}  // namespace bulwark::wire::postgres
