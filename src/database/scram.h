// SCRAM-SHA-256 (RFC 5802, RFC 7677) on both legs without a stored password: the client proves itself against its role's verifier,
// the proof yields the client key, and with that key the gateway proves itself to the server as the same role.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::database {

using ScramKey = std::array<std::uint8_t, 32>;

/// What pg_authid.rolpassword holds: enough to check a client and to prove ourselves to it, not enough to log in.
struct ScramVerifier {
  std::uint32_t iterations = 0;
  std::string salt;  ///< binary
  ScramKey stored_key{};
  ScramKey server_key{};

  /// "SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>", base64 within.
  static Result<ScramVerifier> parse(std::string_view text);
  static Result<ScramVerifier> from_password(std::string_view password, std::string salt, std::uint32_t iterations);
  /// For a role that does not exist: always the same for a name, so that nobody learns which roles do. Matches no password.
  static ScramVerifier decoy(std::string_view role);
  std::string text() const;
};

/// What a leg's TLS gives to bind to (RFC 5929 tls-server-end-point): the hash of the server's certificate. Empty in clear.
using ChannelBinding = std::string;

/// The client key recovered from a proof, with the verifier's parameters under which it holds. Wiped when destroyed.
struct ScramSecret {
  ScramKey client_key{};
  ScramVerifier verifier;

  ScramSecret() = default;
  ScramSecret(const ScramSecret&) = default;
  ScramSecret& operator=(const ScramSecret&) = default;
  ~ScramSecret();
};

/// Our side towards a client.
class ScramServer {
 public:
  ScramServer(ScramVerifier verifier, ChannelBinding binding) : verifier_(std::move(verifier)), binding_(std::move(binding)) {}

  /// The body of SASLInitialResponse; returns the server's first message.
  Result<std::string> first(std::string_view body);
  /// The client's final message; returns ours. Error client/denied: the proof is wrong.
  Result<std::string> last(std::string_view message);
  const ScramSecret& secret() const { return secret_; }  ///< after last() succeeded

 private:
  ScramVerifier verifier_;
  ChannelBinding binding_;
  ScramSecret secret_;
  std::string expected_binding_;  ///< base64
  std::string nonce_;
  std::string signed_so_far_;
};

/// Our side towards the database.
class ScramClient {
 public:
  /// With a recovered secret, or (for a gateway that holds the role's password) with the password.
  ScramClient(std::optional<ScramSecret> secret, std::string password, ChannelBinding binding)
      : secret_(std::move(secret)), password_(std::move(password)), binding_(std::move(binding)) {}
  ~ScramClient();

  /// `plus_offered`: the server offers channel binding; used whenever there is something to bind to.
  std::string_view mechanism(bool plus_offered);
  std::string first();
  Result<std::string> last(std::string_view server_first);
  Result<void> check(std::string_view server_final);

 private:
  std::optional<ScramSecret> secret_;
  std::string password_;
  ChannelBinding binding_;
  bool plus_ = false;
  bool plus_offered_ = false;
  std::string nonce_;
  std::string bare_;
  ScramKey server_signature_{};
};

/// The binding of a TLS connection: `of_peer` the peer's certificate (towards a server), else our own (towards a client).
ChannelBinding channel_binding(void* ssl, bool of_peer);

}  // namespace bulwark::database
