// The console as a whole: a gateway handler that serves the pages and the API, on a listener of its own over TLS.
//
//   auto console = TRY(console::Console::create(settings, dependencies));
//   bus->subscribe(console->live());                               // before bus->start()
//   if (auto notice = TRY(console->first_run())) print(*notice);   // the one-time set-up code, while nobody has an account
//   … a gateway::Server with one route whose handler is `console` …
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "console/accounts.h"
#include "console/chat_desk.h"
#include "console/live.h"
#include "console/settings.h"
#include "crypto/password.h"
#include "events/bus.h"
#include "events/store.h"
#include "gateway/handler.h"
#include "net/tls.h"
#include "soc/center.h"

namespace bulwark::console {

struct Dependencies {
  std::unique_ptr<Accounts> accounts;           ///< required
  events::Store* store = nullptr;               ///< may be nullptr: no search
  events::Bus* bus = nullptr;                   ///< may be nullptr: actions are not recorded
  soc::Desk* desk = nullptr;                    ///< may be nullptr: no incidents, no blocking
  ChatDesk chat;                                ///< may be empty
  std::function<gateway::Counters()> counters;  ///< of the edge; may be empty
  std::string data_directory;                   ///< for the set-up code's file and the self-signed certificate
  crypto::PasswordCost password_cost;
  const Clock* clock = &system_clock();
};

class Console final : public gateway::Handler {
 public:
  static constexpr std::size_t kMaxBody = 64 * 1024;
  static constexpr std::size_t kMaxWaitingReads = 256;
  static constexpr std::size_t kMaxWaitingPasswords = 16;

  static Result<std::shared_ptr<Console>> create(Settings settings, Dependencies dependencies);
  ~Console() override;

  void handle(gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) override;
  std::size_t max_body_bytes() const override { return kMaxBody; }

  events::Subscriber& live();

  /// While nobody has an account: makes a set-up code, writes it (0600) to data_directory/console-setup-code and returns it.
  /// The file goes when the first admin exists.
  Result<std::optional<std::string>> first_run();

 private:
  struct State;
  explicit Console(std::unique_ptr<State> state);
  void serve_page(const gateway::Exchange& exchange, gateway::Responder& responder) const;
  void serve_api(const gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder);
  std::unique_ptr<State> state_;
};

/// The certificate of the console's listener: the configured one, or a self-signed one made once in `data_directory`.
Result<net::CertificateFiles> certificate(const Settings& settings, const std::string& data_directory);

}  // namespace bulwark::console
