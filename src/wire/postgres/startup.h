// The first packet of a connection: a start-up with its parameters, or a request for TLS, for GSSAPI encryption, or to cancel
// (https://www.postgresql.org/docs/15/protocol-flow.html#id-1.10.5.7.3). Pure parsing; what is allowed is decided by the session.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/postgres/reply.h"

namespace bulwark::wire::postgres {

inline constexpr std::uint32_t kProtocol3 = 3U << 16;
inline constexpr std::uint32_t kCancelRequest = 1234U << 16 | 5678U;
inline constexpr std::uint32_t kSslRequest = 1234U << 16 | 5679U;
inline constexpr std::uint32_t kGssEncRequest = 1234U << 16 | 5680U;

struct Startup {
  static constexpr std::size_t kMaxBytes = 10'000;  ///< the server's MAX_STARTUP_PACKET_LENGTH
  static constexpr std::size_t kMaxParameters = 64;

  enum class Kind : std::uint8_t { startup, tls, gss_encryption, cancel };
  Kind kind = Kind::startup;
  std::size_t bytes = 0;              ///< of the whole packet
  std::uint16_t minor = 0;            ///< protocol 3.minor
  std::vector<Parameter> parameters;  ///< in order; views into the packet
  BackendKey key;                     ///< of a cancel request

  /// The last value given for `name`, as the server takes it, or empty.
  std::string_view parameter(std::string_view name) const;
};

/// Nothing while the packet is incomplete.
/// Errors: client/too_large; client/unsupported for another major version; client/invalid.
Result<std::optional<Startup>> read_startup(std::string_view bytes);

}  // namespace bulwark::wire::postgres
