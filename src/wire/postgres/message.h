// The frames of PostgreSQL's protocol 3 after start-up, both directions: one type byte, a length, a body
// (https://www.postgresql.org/docs/15/protocol-message-formats.html). Parsers read what a gateway has to understand; all else
// passes as bytes. Views point into the caller's buffer. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::wire::postgres {

/// What a client sends.
namespace frontend {
inline constexpr char kBind = 'B';
inline constexpr char kClose = 'C';
inline constexpr char kCopyData = 'd';
inline constexpr char kCopyDone = 'c';
inline constexpr char kCopyFail = 'f';
inline constexpr char kDescribe = 'D';
inline constexpr char kExecute = 'E';
inline constexpr char kFlush = 'H';
inline constexpr char kFunctionCall = 'F';
inline constexpr char kParse = 'P';
inline constexpr char kPassword = 'p';  ///< also SASL responses
inline constexpr char kQuery = 'Q';
inline constexpr char kSync = 'S';
inline constexpr char kTerminate = 'X';
}  // namespace frontend

/// What a server sends.
namespace backend {
inline constexpr char kAuthentication = 'R';
inline constexpr char kBackendKeyData = 'K';
inline constexpr char kBindComplete = '2';
inline constexpr char kCloseComplete = '3';
inline constexpr char kCommandComplete = 'C';
inline constexpr char kCopyBothResponse = 'W';
inline constexpr char kCopyData = 'd';
inline constexpr char kCopyDone = 'c';
inline constexpr char kCopyInResponse = 'G';
inline constexpr char kCopyOutResponse = 'H';
inline constexpr char kDataRow = 'D';
inline constexpr char kEmptyQueryResponse = 'I';
inline constexpr char kErrorResponse = 'E';
inline constexpr char kFunctionCallResponse = 'V';
inline constexpr char kNegotiateProtocolVersion = 'v';
inline constexpr char kNoData = 'n';
inline constexpr char kNoticeResponse = 'N';
inline constexpr char kNotificationResponse = 'A';
inline constexpr char kParameterDescription = 't';
inline constexpr char kParameterStatus = 'S';
inline constexpr char kParseComplete = '1';
inline constexpr char kPortalSuspended = 's';
inline constexpr char kReadyForQuery = 'Z';
inline constexpr char kRowDescription = 'T';
}  // namespace backend

inline constexpr std::size_t kHeaderBytes = 5;
/// The server's own limit for one message (PQ_LARGE_MESSAGE_LIMIT): MaxAllocSize - 1.
inline constexpr std::uint32_t kMaxBody = 0x3fffffff - 1;

struct Header {
  char type = 0;
  std::uint32_t body_bytes = 0;  ///< after the five bytes of the header
};

/// The header at the start of `bytes`, or nothing while fewer than five are there.
/// Errors: client/invalid for a length below 4, client/too_large for a body beyond `max_body`.
Result<std::optional<Header>> read_header(std::string_view bytes, std::uint32_t max_body = kMaxBody);

/// Whether a client may send such a message once it is logged in; any other type is a protocol violation.
bool is_frontend_type(char type);
bool is_backend_type(char type);

/// The text of a simple Query: one zero-terminated string, nothing after it, no zero byte inside.
Result<std::string_view> read_query(std::string_view body);

struct ParseMessage {
  std::string_view statement;  ///< name; empty: the unnamed statement
  std::string_view sql;
  std::uint16_t parameter_types = 0;
};
Result<ParseMessage> read_parse(std::string_view body);

/// The names at the front of a Bind. `prefix` may be the first part of a long body; nothing while a name is incomplete.
struct BindNames {
  std::string_view portal;
  std::string_view statement;
};
inline constexpr std::size_t kMaxNameBytes = 1024;  ///< of a statement's or portal's name
Result<std::optional<BindNames>> read_bind_names(std::string_view prefix);

/// A whole Bind, but for the formats of the result. Values point into the body.
struct BindMessage {
  BindNames names;
  std::vector<std::uint16_t> formats;                   ///< of the values: none: all are text; one: that of all; else of each
  std::vector<std::optional<std::string_view>> values;  ///< nullopt: NULL
  bool binary(std::size_t index) const { return !formats.empty() && formats[formats.size() == 1 ? 0 : index] == 1; }
};
/// Errors: client/invalid for a malformed one, also when the formats are neither none, one, nor as many as the values.
Result<BindMessage> read_bind(std::string_view body);

struct ExecuteMessage {
  std::string_view portal;
  std::uint32_t max_rows = 0;  ///< 0: all
};
Result<ExecuteMessage> read_execute(std::string_view body);

/// Of Describe and Close.
struct NamedTarget {
  char kind = 'S';  ///< 'S' a prepared statement, 'P' a portal
  std::string_view name;
};
Result<NamedTarget> read_named_target(std::string_view body);

}  // namespace bulwark::wire::postgres
