// Keys of the whole, and what only the whole can check: that names refer to something.
#include "bulwark/settings.h"

#include <algorithm>
#include <set>

namespace bulwark::app {
namespace {

constexpr std::size_t kMaxRoutes = 1'000;

std::string check_routes(const Settings& settings) {
  if (settings.routes.size() > kMaxRoutes) return "more than " + std::to_string(kMaxRoutes) + " routes";
  std::vector<std::string_view> upstreams;
  for (const auto& [name, upstream] : settings.gateway.upstreams) upstreams.push_back(name);
  std::set<std::string> ids;
  for (const auto& route : settings.routes) {
    if (route.path.empty() || route.path.front() != '/') return "route path '" + route.path + "' does not begin with '/'";
    if (!settings.gateway.upstreams.contains(route.upstream)) {
      const auto near = config::nearest(route.upstream, upstreams);
      std::string message = "route '" + route_id(route) + "': no upstream is named '" + route.upstream + "'";
      if (!near.empty()) message.append("; did you mean '").append(near).append("'?");
      return message;
    }
    for (const auto& model : route.chat ? route.chat->models : std::vector<chat::ModelSettings>()) {
      if (model.upstream.empty() || settings.gateway.upstreams.contains(model.upstream)) continue;
      const auto near = config::nearest(model.upstream, upstreams);
      std::string message = "model '" + model.name + "' of route '" + route_id(route) + "': no upstream is named '" + model.upstream + "'";
      if (!near.empty()) message.append("; did you mean '").append(near).append("'?");
      return message;
    }
    if (!ids.insert(route_id(route)).second) return "two routes are '" + route_id(route) + "'; give one of them an id";
  }
  return {};
}

std::string check_something_to_do(const Settings& settings) {
  if (!settings.routes.empty() || settings.database) return {};
  return "nothing to protect: name upstreams and routes, or a database";
}

}  // namespace

void describe(config::Object<RouteSettings>& object) {
  object.field("id", &RouteSettings::id, {.help = "The route's name in events; unless said, its host and path.", .example = "shop-api"})
      .field("host", &RouteSettings::host, {.help = "Only requests for this host, or *.domain; empty: any.", .example = "api.example.com"})
      .field("path", &RouteSettings::path, {.help = "Requests at and below this path; the longest match wins.", .example = "/api"})
      .field("upstream", &RouteSettings::upstream, {.help = "Which of `upstreams` answers.", .required = true})
      .field("limits", &RouteSettings::limits, {.help = "Sizes and times of this route."})
      .field("identity", &RouteSettings::identity, {.help = "Who may use the route."})
      .field("rate_limits", &RouteSettings::rate_limits, {.help = "How often."})
      .field("waf", &RouteSettings::waf, {.help = "How attacks are looked for; enforced unless said, except on chat routes."})
      .field("chat", &RouteSettings::chat, {.help = "The route leads to a model with an OpenAI-compatible API: guard what is said."})
      .field("hardening", &RouteSettings::hardening, {.help = "Headers of the answers."});
}

void describe(config::Object<EventSettings>& object) {
  object.field("retention", &EventSettings::retention, {.help = "Older events are erased.", .example = "30d", .min = 60'000})
      .field("max_size", &EventSettings::max_size,
             {.help = "Of the event store; past it the oldest go.", .min = 16 << 20, .needs_restart = true})
      .field("max_spool", &EventSettings::max_spool,
             {.help = "Of events on their way to the store; past it new ones are refused aloud.", .min = 64 << 20, .needs_restart = true});
}

void describe(config::Object<Settings>& object) {
  object
      .field("data_dir", &Settings::data_dir,
             {.help = "Keys, certificates, events and state; private to Bulwark.", .example = "/var/lib/bulwark", .needs_restart = true})
      .field("workers", &Settings::workers, {.help = "Threads that serve; 0: one a core.", .min = 0, .max = 256, .needs_restart = true})
      .field("master_key", &Settings::master_key,
             {.help = "What everything at rest is encrypted under, at least 32 bytes; unless said, a key file is made in data_dir.",
              .example = "env:BULWARK_MASTER_KEY",
              .needs_restart = true})
      .embed(&Settings::gateway)
      .field("routes", &Settings::routes, {.help = "Which requests go where, through which checks."})
      .field("identity", &Settings::identity, {.help = "How users prove who they are."})
      .field("waf", &Settings::waf, {.help = "The rules."})
      .field("chat", &Settings::chat, {.help = "What all chat routes share."})
      .field("database", &Settings::database, {.help = "The gateway in front of PostgreSQL."})
      .field("soc", &Settings::soc, {.help = "What is watched for, and what is done by itself."})
      .field("noc", &Settings::noc, {.help = "What is looked at from outside."})
      .field("events", &Settings::events, {.help = "How long and how much is kept."})
      .field("console", &Settings::console, {.help = "The pages for those who watch."})
      .check(check_routes)
      .check(check_something_to_do);
}

Result<Settings> load_settings(const std::string& file) {
  const config::Node root = TRY(config::Node::load(file));
  return read_settings(root, file);
}

Result<Settings> read_settings(const config::Node& root, const std::string& file) {
  if (root.kind() == config::Node::Kind::null) return config_error(file + ": is empty; `bulwark init` writes a first one");
  return config::read_settings<Settings>(root, file);
}

std::string route_id(const RouteSettings& route) { return route.id.empty() ? route.host + route.path : route.id; }

std::optional<waf::RouteSettings> waf_of(const RouteSettings& route) {
  if (route.waf) return route.waf->mode == waf::Mode::off ? std::nullopt : route.waf;
  return route.chat ? std::nullopt : std::optional<waf::RouteSettings>(std::in_place);
}

std::string api_keys_file(const Settings& settings) {
  return settings.identity.api_keys_file.empty() ? settings.data_dir + "/" + std::string(kApiKeysFile) : settings.identity.api_keys_file;
}

std::string admin_socket_file(const Settings& settings) { return settings.data_dir + "/admin.sock"; }

}  // namespace bulwark::app
