// The gateway's own login at PostgreSQL as the client's role: TLS, start-up, SCRAM with the key recovered from the client's proof.
// A state machine over bytes, without I/O.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "database/buffer.h"
#include "database/parameters.h"
#include "database/policy.h"
#include "database/scram.h"
#include "wire/postgres/reply.h"

namespace bulwark::database {

class ServerLogin {
 public:
  enum class Step : std::uint8_t {
    need_bytes,
    start_tls,  ///< shake hands, then call tls_started()
    done,       ///< ready for queries
    refused,    ///< see refusal()
  };

  ServerLogin(std::shared_ptr<const Policy> policy, std::vector<std::pair<std::string, std::string>> parameters,
              std::optional<ScramSecret> secret)
      : policy_(std::move(policy)), parameters_(std::move(parameters)), secret_(std::move(secret)) {}

  void connected(std::string& out);
  void tls_started(ChannelBinding binding, std::string& out);
  Step advance(Buffer& in, std::string& out);

  const Refusal& refusal() const { return refusal_; }
  const wire::postgres::BackendKey& key() const { return key_; }
  const Parameters& parameters() const { return reported_; }
  /// As bytes for the client.
  const std::string& notices() const { return notices_; }

 private:
  static constexpr std::size_t kMaxNotices = 64 * 1024;

  void send_startup(std::string& out);
  Step tls_answer(Buffer& in);
  Step message(char type, std::string_view body, std::string_view whole, std::string& out);
  Step authentication(std::string_view body, std::string& out);
  Step sasl(std::string_view mechanisms, std::string& out);
  Step parameter_status(std::string_view body);
  Step refuse(std::string_view sqlstate, std::string message, std::string_view rule = "database.upstream");

  std::shared_ptr<const Policy> policy_;
  std::vector<std::pair<std::string, std::string>> parameters_;
  std::optional<ScramSecret> secret_;
  std::optional<ScramClient> scram_;
  ChannelBinding binding_;
  bool awaiting_tls_ = false;
  bool proven_ = false;  ///< the server's signature was checked
  bool authenticated_ = false;
  wire::postgres::BackendKey key_;
  Parameters reported_;
  std::string notices_;
  Refusal refusal_;
};

}  // namespace bulwark::database
