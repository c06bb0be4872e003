// The whole configuration: every room's settings under one roof, and the names that tie them together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/settings.h"
#include "base/result.h"
#include "chat/settings.h"
#include "config/schema.h"
#include "console/settings.h"
#include "database/settings.h"
#include "gateway/settings.h"
#include "identity/settings.h"
#include "limits/settings.h"
#include "noc/settings.h"
#include "soc/settings.h"
#include "waf/settings.h"

namespace bulwark::app {

struct RouteSettings {
  std::string id;
  std::string host;
  std::string path = "/";
  std::string upstream;
  gateway::LimitSettings limits;
  identity::RouteSettings identity;
  limits::RouteSettings rate_limits;
  std::optional<waf::RouteSettings> waf;
  std::optional<chat::RouteSettings> chat;
  api::HardeningSettings hardening;
};
void describe(config::Object<RouteSettings>& object);

struct EventSettings {
  std::chrono::seconds retention{std::chrono::hours(24 * 30)};
  config::ByteSize max_size{10ULL << 30};
  config::ByteSize max_spool{1ULL << 30};
};
void describe(config::Object<EventSettings>& object);

struct Settings {
  std::string data_dir = "./bulwark-data";
  std::int64_t workers = 0;
  config::Secret master_key;
  gateway::Settings gateway;
  std::vector<RouteSettings> routes;
  identity::Settings identity;
  waf::Settings waf;
  chat::Settings chat;
  std::optional<database::Settings> database;
  soc::Settings soc;
  noc::Settings noc;
  EventSettings events;
  console::Settings console;
};
void describe(config::Object<Settings>& object);

/// Reads the file. Errors, origin config, name file, line, key and nearest spelling; all at once.
Result<Settings> load_settings(const std::string& file);
/// As above, from a document already read from `file`.
Result<Settings> read_settings(const config::Node& root, const std::string& file);

/// The route's name in events: its `id`, else host and path.
std::string route_id(const RouteSettings& route);

/// How the WAF looks at a route. A route that says nothing is inspected, except where it leads to a model: a chat's free text is
/// the chat guard's affair.
std::optional<waf::RouteSettings> waf_of(const RouteSettings& route);

/// In the data directory, unless the configuration names another.
constexpr std::string_view kApiKeysFile = "api-keys";
constexpr std::string_view kConversationsFile = "conversations.db";
std::string api_keys_file(const Settings& settings);
std::string admin_socket_file(const Settings& settings);

}  // namespace bulwark::app
