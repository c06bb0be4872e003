// Who may do what in the console. Each role includes the ones before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bulwark::console {

enum class Role : std::uint8_t {
  viewer,     ///< reads everything
  responder,  ///< and blocks, undoes, works on incidents
  admin,      ///< and decides who may come in
};

constexpr std::string_view to_string(Role role) { return role == Role::admin ? "admin" : role == Role::responder ? "responder" : "viewer"; }

constexpr std::optional<Role> role_from(std::string_view text) {
  for (const Role each : {Role::viewer, Role::responder, Role::admin})
    if (to_string(each) == text) return each;
  return std::nullopt;
}

}  // namespace bulwark::console
