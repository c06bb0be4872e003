// Which roles may log in through the gateway, and how each proves itself: SCRAM verifiers read from a file that pg_authid fills.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "database/scram.h"
#include "database/settings.h"

namespace bulwark::database {

/// Immutable; replaced whole on reload.
class Verifiers {
 public:
  static constexpr std::size_t kMaxFileBytes = 16 * 1024 * 1024;
  static constexpr std::size_t kMaxRoles = 100'000;

  /// One role a line, "name<TAB>verifier", as `psql -Atq -F $'\t'` prints it; '#' begins a comment line. The file must not be
  /// readable by others. Errors: config, with the line.
  static Result<std::shared_ptr<const Verifiers>> load(const std::string& path);
  static Result<std::shared_ptr<const Verifiers>> parse(std::string_view text, std::string_view source);

  /// From a server's pg_authid, as a role that may read it. `url` and the settings' TLS decide how it is reached; blocks for up to
  /// the connect timeout, so it is for start and reload only. Superusers are left out.
  static Result<std::shared_ptr<const Verifiers>> fetch(const Settings& settings);
  /// From the server, then from the file, as far as the settings name them.
  static Result<std::shared_ptr<const Verifiers>> gather(const Settings& settings);

  const ScramVerifier* find(std::string_view role) const;
  std::size_t size() const { return roles_.size(); }

 private:
  std::unordered_map<std::string, ScramVerifier> roles_;
};

}  // namespace bulwark::database
