// Upstreams, rule sets, identity and pipelines, in the order in which they need each other.
#include "bulwark/snapshot.h"

#include <algorithm>
#include <filesystem>

#include "identity/api_keys.h"
#include "identity/https_key_fetcher.h"

namespace bulwark::app {
namespace {

Result<std::shared_ptr<identity::Authenticator>> make_authenticator(const Settings& settings, const DataDirectory& data,
                                                                    const Lasting& before) {
  identity::Settings wanted = settings.identity;
  if (wanted.api_keys_file.empty()) {
    // Made empty, so that the first `bulwark key new` is seen by the running process like any other.
    wanted.api_keys_file = data.file(kApiKeysFile);
    if (!std::filesystem::exists(wanted.api_keys_file)) TRY(identity::ApiKeys().save(wanted.api_keys_file));
  }
  return identity::Authenticator::create(wanted, std::make_unique<identity::HttpsKeyFetcher>(before.outbound), before.authenticator.get());
}

bool any_route_inspects(const Settings& settings) {
  return std::any_of(settings.routes.begin(), settings.routes.end(), [](const auto& route) { return waf_of(route).has_value(); });
}

bool any_route_talks(const Settings& settings) {
  return std::any_of(settings.routes.begin(), settings.routes.end(), [](const auto& route) { return route.chat.has_value(); });
}

/// An upstream that stayed the same, its servers' addresses too, keeps its object: the workers then keep its connections. Not so
/// under TLS, where the files that it trusts may have changed.
Result<std::map<std::string, Lasting::Upstream>> make_upstreams(const Settings& settings, const Lasting& before) {
  std::map<std::string, Lasting::Upstream> all;
  for (const auto& [name, config] : settings.gateway.upstreams) {
    auto made = TRY(gateway::make_upstream(name, config));
    const auto old = before.upstreams.find(name);
    const bool known = old != before.upstreams.end() && made->tls == nullptr;
    if (known && old->second.config == config && old->second.made->servers == made->servers) made = old->second.made;
    all[name] = {config, std::move(made)};
  }
  return all;
}

Result<Lasting> make_lasting(const Settings& settings, const DataDirectory& data, const Lasting& before) {
  Lasting made = before;
  made.tls = TRY(make_tls(settings, data));
  made.upstreams = TRY(make_upstreams(settings, before));
  made.authenticator = TRY(make_authenticator(settings, data, before));
  if (made.chat != nullptr)
    made.chat = TRY(made.chat->renewed(settings.chat));
  else if (any_route_talks(settings))
    made.chat = TRY(chat::Guard::create(settings.chat, before.chat_needs));
  if (any_route_inspects(settings)) {
    waf::Settings waf = settings.waf;
    if (waf.cache_directory.empty()) waf.cache_directory = data.file("waf-cache");
    made.rules = TRY(waf::RuleSet::load(waf, before.rules.get()));
  } else {
    made.rules = nullptr;
  }
  return made;
}

}  // namespace

Result<database::Settings> database_settings(const Settings& settings, const DataDirectory& data) {
  database::Settings made = *settings.database;
  if (made.protection.keys_file.empty()) made.protection.keys_file = data.file("column-keys");
  if (made.tls.certificate_file.empty()) {
    net::CertificateFiles files;
    if (settings.gateway.tls.empty())
      files = TRY(data.self_signed());
    else
      files = {settings.gateway.tls.front().certificate, settings.gateway.tls.front().key};
    made.tls.certificate_file = files.certificate_file;
    made.tls.key_file = files.key_file;
  }
  return made;
}

Result<std::shared_ptr<const net::TlsServer>> make_tls(const Settings& settings, const DataDirectory& data) {
  if (settings.gateway.plaintext) return std::shared_ptr<const net::TlsServer>();
  net::ServerTlsSettings tls;
  for (const auto& each : settings.gateway.tls) tls.certificates.push_back({each.certificate, each.key});
  if (tls.certificates.empty()) tls.certificates.push_back(TRY(data.self_signed()));
  return net::TlsServer::create(tls);
}

Result<std::shared_ptr<const gateway::Snapshot>> make_snapshot(const Settings& settings, const DataDirectory& data, Lasting& lasting) {
  Lasting made = TRY(make_lasting(settings, data, lasting));
  auto snapshot = TRY(assemble(settings, made));
  lasting = std::move(made);
  return snapshot;
}

Result<std::shared_ptr<const gateway::Snapshot>> assemble(const Settings& settings, const Lasting& made) {
  auto snapshot = std::make_shared<gateway::Snapshot>();
  snapshot->tls = made.tls;
  const auto upstream = [&made](std::string_view name) -> std::shared_ptr<const gateway::UpstreamSettings> {
    const auto found = made.upstreams.find(std::string(name));
    return found == made.upstreams.end() ? nullptr : found->second.made;
  };
  const RequestPathParts parts{made.authenticator, made.budgets, made.rules, made.chat, upstream, made.control};
  const gateway::Limits limits = gateway::apply({}, settings.gateway.limits);
  snapshot->limits = limits;
  // What the edge refuses before any stage runs is looked at with the rules of the first route that inspects: one look is enough
  // to learn what was attempted, and it cannot change the answer.
  const auto inspected =
      std::find_if(settings.routes.begin(), settings.routes.end(), [](const auto& each) { return waf_of(each).has_value(); });
  if (inspected != settings.routes.end()) snapshot->refusals = TRY(waf::make_refusal_observer(made.rules, *waf_of(*inspected)));
  std::vector<std::shared_ptr<const gateway::Route>> routes;
  for (const auto& each : settings.routes) {
    auto pipeline = request_path(each, parts);
    if (!pipeline.ok()) return config_error("route '" + route_id(each) + "': " + pipeline.error().message);
    auto route = std::make_shared<gateway::Route>();
    route->id = route_id(each);
    route->host = each.host;
    route->path_prefix = each.path;
    route->upstream = made.upstreams.at(each.upstream).made;
    if (each.chat)
      for (const auto& model : each.chat->models)
        if (!model.upstream.empty()) route->others.push_back(made.upstreams.at(model.upstream).made);
    route->limits = gateway::apply(limits, each.limits);
    route->pipeline = *std::move(pipeline);
    routes.push_back(std::move(route));
  }
  snapshot->routes = gateway::RouteTable(std::move(routes));
  return std::shared_ptr<const gateway::Snapshot>(std::move(snapshot));
}

}  // namespace bulwark::app
