// What a gateway has to understand of a server's messages: errors, command tags, transaction state, parameters, keys and
// authentication requests. Rows and copied data pass as bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::wire::postgres {

/// Of ErrorResponse and NoticeResponse; a field that is missing is empty.
struct ErrorFields {
  std::string_view severity;
  std::string_view sqlstate;  ///< five characters
  std::string_view message;
};
Result<ErrorFields> read_error(std::string_view body);

struct CommandTag {
  std::string_view tag;    ///< "INSERT 0 3"
  std::uint64_t rows = 0;  ///< the last number of the tag; 0 for commands that count none
};
Result<CommandTag> read_command_complete(std::string_view body);

enum class TransactionState : char { idle = 'I', open = 'T', failed = 'E' };
Result<TransactionState> read_ready_for_query(std::string_view body);

struct Parameter {
  std::string_view name;
  std::string_view value;
};
Result<Parameter> read_parameter_status(std::string_view body);

struct BackendKey {
  std::uint32_t process = 0;
  std::uint32_t secret = 0;
  bool operator==(const BackendKey&) const = default;
};
Result<BackendKey> read_backend_key(std::string_view body);

/// The code of an Authentication message (0 Ok, 3 cleartext, 5 MD5, 10 SASL, 11 continue, 12 final) and what follows it.
struct Authentication {
  static constexpr std::uint32_t kOk = 0;
  static constexpr std::uint32_t kCleartext = 3;
  static constexpr std::uint32_t kMd5 = 5;
  static constexpr std::uint32_t kSasl = 10;
  static constexpr std::uint32_t kSaslContinue = 11;
  static constexpr std::uint32_t kSaslFinal = 12;
  std::uint32_t code = 0;
  std::string_view data;
};
Result<Authentication> read_authentication(std::string_view body);

/// The mechanisms an AuthenticationSASL offers, at most kMaxMechanisms.
inline constexpr std::size_t kMaxMechanisms = 16;
Result<std::vector<std::string_view>> read_sasl_mechanisms(std::string_view data);

}  // namespace bulwark::wire::postgres
