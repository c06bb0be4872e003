// From settings to what the gateway serves: routes with their pipelines, and the certificates. Built whole at start and at each
// reload; an Error leaves what is in force untouched.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "bulwark/data_directory.h"
#include "bulwark/request_path.h"
#include "bulwark/settings.h"
#include "gateway/server.h"
#include "net/http_client.h"

namespace bulwark::app {

/// What a snapshot hands on to the next one, so that a reload forgets no counter, cache or fetched key.
struct Lasting {
  std::shared_ptr<limits::Budgets> budgets = std::make_shared<limits::Budgets>();
  std::shared_ptr<identity::Authenticator> authenticator;
  std::shared_ptr<const waf::RuleSet> rules;
  std::shared_ptr<const chat::Guard> chat;  ///< made with the first route that has one
  std::shared_ptr<const net::TlsServer> tls;
  struct Upstream {
    gateway::UpstreamConfig config;
    std::shared_ptr<const gateway::UpstreamSettings> made;
  };
  std::map<std::string, Upstream> upstreams;
  std::shared_ptr<net::HttpClient> outbound;  ///< set before the first snapshot; likewise `control`
  const control::Table* control = nullptr;
  chat::Guard::Needs chat_needs;  ///< likewise
};

/// Completed with what the whole lends it: the certificate, unless it has its own.
Result<database::Settings> database_settings(const Settings& settings, const DataDirectory& data);
Result<std::shared_ptr<const net::TlsServer>> make_tls(const Settings& settings, const DataDirectory& data);
/// `lasting` is replaced by what the new snapshot uses, only on success.
Result<std::shared_ptr<const gateway::Snapshot>> make_snapshot(const Settings& settings, const DataDirectory& data, Lasting& lasting);
/// Of what `lasting` holds, without a look at files or the network.
Result<std::shared_ptr<const gateway::Snapshot>> assemble(const Settings& settings, const Lasting& lasting);

}  // namespace bulwark::app
