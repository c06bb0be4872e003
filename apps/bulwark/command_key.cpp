// `bulwark key`: makes, lists and revokes the API keys of the app's users. A running process sees the change by itself.
#include <fmt/core.h>

#include <cstdio>

#include "bulwark/commands.h"
#include "bulwark/settings.h"
#include "identity/api_keys.h"

namespace bulwark::app {
namespace {

int complain(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return error.origin == Origin::config ? 2 : 1;
}

std::string date(std::int64_t seconds) { return seconds == 0 ? "-" : to_rfc3339(seconds * 1'000'000'000).substr(0, 10); }

}  // namespace

int key_new(const std::string& config_file, const KeyOptions& options) {
  auto settings = load_settings(config_file);
  if (!settings.ok()) return complain(settings.error());
  const std::string file = api_keys_file(*settings);
  auto key = identity::new_api_key(file, {.user = options.user, .tenant = options.tenant, .roles = options.roles}, system_clock().wall());
  if (!key.ok()) return complain(key.error());
  fmt::print("{}\n", *key);
  fmt::print(stderr,
             "This is the only time that the key is shown. Clients send it as `Authorization: Bearer <key>` or `X-Api-Key: <key>`.\n");
  return 0;
}

int key_list(const std::string& config_file) {
  auto settings = load_settings(config_file);
  if (!settings.ok()) return complain(settings.error());
  auto keys = identity::list_api_keys(api_keys_file(*settings));
  if (!keys.ok()) return complain(keys.error());
  fmt::print("{:<18}{:<20}{:<16}{:<12}{:<12}{}\n", "ID", "USER", "TENANT", "CREATED", "REVOKED", "ROLES");
  for (const auto& key : *keys) {
    std::string roles;
    for (const auto& role : key.roles) roles.append(roles.empty() ? "" : ",").append(role);
    fmt::print("{:<18}{:<20}{:<16}{:<12}{:<12}{}\n", key.id, key.user, key.tenant, date(key.created), date(key.revoked), roles);
  }
  return 0;
}

int key_revoke(const std::string& config_file, const KeyOptions& options) {
  auto settings = load_settings(config_file);
  if (!settings.ok()) return complain(settings.error());
  auto revoked = identity::revoke_api_key(api_keys_file(*settings), options.id, system_clock().wall());
  if (!revoked.ok()) return complain(revoked.error());
  fmt::print("revoked {}\n", options.id);
  return 0;
}

}  // namespace bulwark::app
