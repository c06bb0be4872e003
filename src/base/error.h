// What went wrong in our own machinery, whose doing it was, and in words a person can act on.
// A denial by policy is a Verdict, never an Error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bulwark {

/// Who has to change something for the error to go away.
enum class Origin : std::uint8_t { client, upstream, internal, config };

enum class Code : std::uint8_t {
  invalid,  ///< malformed input
  not_found,
  too_large,  ///< a named limit was passed
  timeout,
  unavailable,  ///< a peer or a resource is not there now; may pass later
  denied,       ///< the operating system or a peer refused
  exhausted,    ///< a queue, pool or budget is full
  corrupt,      ///< a checksum, signature or invariant of stored data does not hold
  unsupported,
  conflict,  ///< exists already, or changed underneath
  io,
  cancelled,
};

struct [[nodiscard]] Error {
  Code code = Code::invalid;
  Origin origin = Origin::internal;
  std::string message;  ///< one sentence, what and where; never a secret, never a client's raw value
};

std::string_view to_string(Code code);
std::string_view to_string(Origin origin);

/// "client/too_large: header section exceeds 32768 bytes"
std::string to_string(const Error& error);

Error client_error(Code code, std::string message);
Error upstream_error(Code code, std::string message);
Error internal_error(Code code, std::string message);
Error config_error(std::string message);

/// An `io` error of internal origin with the words of `errno` after `what`.
Error errno_error(std::string_view what);

}  // namespace bulwark
