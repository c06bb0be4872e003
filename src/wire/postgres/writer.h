// Builds the protocol's messages at the end of a caller's buffer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "wire/postgres/reply.h"

namespace bulwark::wire::postgres {

/// One message under construction; its length is set when it is finished.
class Message {
 public:
  /// `type` 0: a packet without a type byte, as at start-up.
  Message(std::string& out, char type);
  Message& u8(char value);
  Message& u16(std::uint16_t value);
  Message& u32(std::uint32_t value);
  Message& c_string(std::string_view value);  ///< cut at a zero byte, which cannot be expressed
  Message& bytes(std::string_view value);
  void finish();

 private:
  std::string& out_;
  std::size_t length_at_;
};

struct ErrorReport {
  std::string_view severity = "ERROR";  ///< "FATAL" when the connection ends with it
  std::string_view sqlstate;
  std::string_view message;
  std::string_view detail;
  std::string_view hint;
  std::uint32_t position = 0;  ///< in characters from 1; 0: none
};

// To a client.
void write_error(std::string& out, const ErrorReport& report);
void write_authentication(std::string& out, std::uint32_t code, std::string_view data);
void write_sasl_mechanisms(std::string& out, std::span<const std::string_view> mechanisms);
void write_backend_key(std::string& out, const BackendKey& key);
void write_parameter_status(std::string& out, std::string_view name, std::string_view value);
void write_ready_for_query(std::string& out, TransactionState state);
/// Says that 3.0 is the newest we speak and names the `_pq_.` options that were not understood.
void write_negotiate_version(std::string& out, std::span<const std::string_view> unknown_options);

// To a server.
void write_ssl_request(std::string& out);
void write_cancel_request(std::string& out, const BackendKey& key);
void write_startup(std::string& out, std::span<const Parameter> parameters);
void write_sasl_initial(std::string& out, std::string_view mechanism, std::string_view data);
void write_password_message(std::string& out, std::string_view data);  ///< a SASL response has the same form, unterminated
void write_query(std::string& out, std::string_view sql);
void write_parse(std::string& out, std::string_view statement, std::string_view sql);
void write_terminate(std::string& out);

}  // namespace bulwark::wire::postgres
