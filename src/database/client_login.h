// A client's way from its first byte to a proven role: TLS, the start-up packet and its policing, SCRAM. A state machine over
// bytes, without I/O: the session feeds it and does what it says.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "database/buffer.h"
#include "database/policy.h"
#include "database/scram.h"
#include "wire/postgres/startup.h"

namespace bulwark::database {

class ClientLogin {
 public:
  enum class Step : std::uint8_t {
    need_bytes,
    start_tls,  ///< send what is in `out`, shake hands, then call tls_started()
    cancel,     ///< a cancel request: see cancel_key()
    done,       ///< the role is proven
    refused,    ///< see refusal()
  };

  explicit ClientLogin(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}

  Step advance(Buffer& in, std::string& out);
  void tls_started(ChannelBinding binding);

  const Refusal& refusal() const { return refusal_; }
  const wire::postgres::BackendKey& cancel_key() const { return cancel_key_; }

  const std::string& user() const { return user_; }
  const std::string& database() const { return database_; }
  const std::string& application() const { return application_; }
  /// For the server's start-up packet.
  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }
  const std::optional<ScramSecret>& secret() const { return secret_; }

 private:
  enum class State : std::uint8_t { startup, sasl_initial, sasl_final, finished };

  Step startup(Buffer& in, std::string& out);
  Step encryption_request(Buffer& in, const wire::postgres::Startup& packet, std::string& out);
  Step accept_startup(const wire::postgres::Startup& packet, std::string& out);
  bool take_parameters(const wire::postgres::Startup& packet, std::vector<std::string_view>& unknown);
  bool take_options(std::string_view options);
  bool setting_allowed(std::string_view name);
  Step begin_scram(std::string& out);
  Step sasl(Buffer& in, std::string& out);
  Step sasl_message(std::string_view body, std::string& out);
  Step refuse(std::string_view sqlstate, std::string message, std::string_view rule = "database.login");

  std::shared_ptr<const Policy> policy_;
  State state_ = State::startup;
  bool encrypted_ = false;
  int encryption_requests_ = 0;
  ChannelBinding binding_;
  std::string user_;
  std::string database_;
  std::string application_;
  std::vector<std::pair<std::string, std::string>> parameters_;
  std::optional<ScramServer> scram_;
  std::optional<ScramSecret> secret_;
  bool known_role_ = false;
  wire::postgres::BackendKey cancel_key_;
  Refusal refusal_;
};

}  // namespace bulwark::database
