// Everything that a session follows, as one immutable snapshot: settings, TLS, verifiers, guards. A reload makes a new one;
// sessions in progress take it with their next statement, except for how they logged in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/master_key.h"
#include "database/guard.h"
#include "database/protection/protection.h"
#include "database/settings.h"
#include "database/verifiers.h"
#include "net/tls.h"

namespace bulwark::database {

struct Policy {
  Settings settings;
  std::shared_ptr<const net::TlsServer> tls;           ///< nullptr: clients connect in clear
  std::shared_ptr<const net::TlsClient> upstream_tls;  ///< nullptr: PostgreSQL is reached in clear
  std::shared_ptr<const Verifiers> verifiers;          ///< never nullptr
  std::vector<std::shared_ptr<const Guard>> guards;
  std::shared_ptr<const Protection> protection;  ///< nullptr: no column is kept from anybody
  crypto::Key secret;                            ///< for keyed hashes of values: the same over restarts

  /// Loads the files that the settings name. `before`: the policy in force, from which what stays the same is taken over.
  static Result<std::shared_ptr<const Policy>> create(Settings settings, std::vector<std::shared_ptr<const Guard>> guards,
                                                      const crypto::Key& secret, const Policy* before = nullptr);
};

/// Why a login or a statement is refused, in the words that the client gets.
struct Refusal {
  std::string sqlstate;
  std::string message;
  std::string rule;  ///< for the event: "database.login"
  std::string raw;   ///< the server's own ErrorResponse, when it was the server that refused
};

}  // namespace bulwark::database
