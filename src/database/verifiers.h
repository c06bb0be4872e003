// Which roles may log in through the gateway, and how each proves itself: SCRAM verifiers read from a file that pg_authid fills.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "database/scram.h"

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

  const ScramVerifier* find(std::string_view role) const;
  std::size_t size() const { return roles_.size(); }

 private:
  std::unordered_map<std::string, ScramVerifier> roles_;
};

}  // namespace bulwark::database
