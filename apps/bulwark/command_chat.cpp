// `bulwark redteam chat` and `bulwark chat replay`: asking a guard what it would do, from outside and without a network.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>

#include "bulwark/commands.h"
#include "bulwark/settings.h"
#include "chat/conversation_store.h"
#include "chat/redteam.h"
#include "chat/replay.h"
#include "chat/stage.h"
#include "crypto/master_key.h"
#include "net/http_client.h"

namespace bulwark::app {
namespace {

int complain(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return 2;
}

Result<chat::redteam::Report> attack(const RedteamOptions& options) {
  const auto client = TRY(net::HttpClient::create());
  const auto send = [&](const std::string& body) -> Result<chat::redteam::Reply> {
    net::HttpRequest request{
        .method = "POST", .url = options.url, .body = body, .ca_file = options.ca_file, .timeout = std::chrono::minutes(1)};
    request.headers = {{"content-type", "application/json"}};
    if (!options.api_key.empty()) request.headers.emplace_back("authorization", "Bearer " + options.api_key);
    auto answered = std::make_shared<std::promise<Result<net::HttpResponse>>>();
    auto answer = answered->get_future();
    client->send(std::move(request), [answered](Result<net::HttpResponse> response) { answered->set_value(std::move(response)); });
    net::HttpResponse response = TRY(answer.get());
    return chat::redteam::Reply{response.status, std::move(response.body)};
  };
  return chat::redteam::attack({.seeds = options.seeds,
                                .only = options.only,
                                .model = options.model,
                                .min_blocked = options.min_blocked,
                                .max_refused = options.max_refused},
                               send);
}

Result<chat::ReplayReport> replay(const ReplayOptions& options) {
  const Settings settings = TRY(load_settings(options.config_file));
  const auto route = std::find_if(settings.routes.begin(), settings.routes.end(), [&](const RouteSettings& each) {
    return each.chat && (options.route.empty() || options.route == route_id(each));
  });
  if (route == settings.routes.end())
    return config_error("no route of the configuration has chat" + (options.route.empty() ? "" : " and the id " + options.route));
  chat::Settings shared = settings.chat;
  shared.budgets.clear();  // nothing is spent here
  const auto guard = TRY(chat::Guard::create(shared));
  const auto stage = TRY(guard->stage(*route->chat, [](std::string_view) { return std::make_shared<const gateway::UpstreamSettings>(); }));
  std::ifstream log(options.log);
  if (!log) return config_error("cannot read " + options.log);
  return chat::replay(*stage, log, [](std::string_view line) { fmt::print("{}\n", line); });
}

/// The file as the running process keeps it; also when none runs.
Result<storage::OpenOptions> conversations_of(const std::string& config_file) {
  const Settings settings = TRY(load_settings(config_file));
  const std::string path = settings.data_dir + "/" + std::string(kConversationsFile);
  if (!std::filesystem::exists(path)) return config_error("there is no " + path + ": no conversations were kept");
  const crypto::MasterKey master = settings.master_key.value.empty()
                                       ? TRY(crypto::MasterKey::load_or_create(settings.data_dir + "/keys/master.key"))
                                       : TRY(crypto::MasterKey::from_secret(settings.master_key.value));
  storage::OpenOptions file;
  file.path = path;
  file.key = master.derive(kConversationsFile);
  return file;
}

}  // namespace

int chat_export(const std::string& config_file, const std::string& person) {
  const auto file = conversations_of(config_file);
  if (!file.ok()) return complain(file.error());
  const auto done = chat::ConversationStore::export_person(*file, person, [](std::string_view line) { fmt::print("{}\n", line); });
  return done.ok() ? 0 : complain(done.error());
}

int chat_erase(const std::string& config_file, const std::string& person) {
  const auto file = conversations_of(config_file);
  if (!file.ok()) return complain(file.error());
  const auto records = chat::ConversationStore::erase_person(*file, person);
  if (!records.ok()) return complain(records.error());
  fmt::print("erased: {} turns can no longer be read\n", *records);
  return 0;
}

int redteam_chat(const RedteamOptions& options) {
  const auto report = attack(options);
  if (!report.ok()) return complain(report.error());
  fmt::print("{}", chat::redteam::table(*report));
  return report->met ? 0 : 1;
}

int chat_replay(const ReplayOptions& options) {
  const auto report = replay(options);
  if (!report.ok()) return complain(report.error());
  fmt::print("{} requests: {} would pass, {} would be refused\n", report->requests, report->passed, report->refused);
  for (const auto& [rule, count] : report->rules) fmt::print("{:>8}  {}\n", count, rule);
  return 0;
}

}  // namespace bulwark::app
