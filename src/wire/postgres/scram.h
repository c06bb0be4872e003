// The texts of SCRAM (RFC 5802 §7) as PostgreSQL speaks them: parsing and building, no cryptography. Binary values stay in base64.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::wire::postgres {

inline constexpr std::string_view kScramSha256 = "SCRAM-SHA-256";
inline constexpr std::string_view kScramSha256Plus = "SCRAM-SHA-256-PLUS";
inline constexpr std::size_t kMaxScramMessage = 1024;
inline constexpr std::uint32_t kMaxScramIterations = 1'000'000;

/// SASLInitialResponse: the mechanism chosen and the first message.
struct SaslInitial {
  std::string_view mechanism;
  std::string_view data;
};
Result<SaslInitial> read_sasl_initial(std::string_view body);

struct ClientFirst {
  char binding = 'n';             ///< 'n' none, 'y' client could but thinks we cannot, 'p' bound
  std::string_view binding_name;  ///< "tls-server-end-point" with 'p'
  std::string_view gs2_header;    ///< "n,,": repeated in the final message
  std::string_view bare;          ///< "n=,r=…": part of the signed text
  std::string_view nonce;
};
Result<ClientFirst> read_client_first(std::string_view text);

struct ServerFirst {
  std::string_view nonce;  ///< the client's with the server's appended
  std::string_view salt;   ///< base64
  std::uint32_t iterations = 0;
};
Result<ServerFirst> read_server_first(std::string_view text);
std::string make_server_first(const ServerFirst& parts);

struct ClientFinal {
  std::string_view binding;  ///< base64 of gs2 header and binding data
  std::string_view nonce;
  std::string_view proof;  ///< base64
  std::string_view without_proof;
};
Result<ClientFinal> read_client_final(std::string_view text);

/// The base64 signature of "v=…"; an "e=…" is an upstream/denied error.
Result<std::string_view> read_server_final(std::string_view text);

}  // namespace bulwark::wire::postgres
