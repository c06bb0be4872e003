// Who is acting, as established by the identity stage (or the database login), for every later stage.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::trace {

enum class Credential : std::uint8_t { none, api_key, jwt, session, client_certificate, database_login };

struct Principal {
  std::string user;  ///< empty: anonymous
  std::string tenant;
  std::vector<std::string> roles;  ///< at most kMaxRoles
  Credential credential = Credential::none;
  std::string credential_id;  ///< names the key, token (jti) or session for revocation; never the secret

  static constexpr std::size_t kMaxRoles = 64;
  bool anonymous() const { return user.empty(); }
  bool has_role(std::string_view role) const {
    for (const auto& each : roles)
      if (each == role) return true;
    return false;
  }
};

}  // namespace bulwark::trace
