// `bulwark check`: everything that `serve` would read, without listening or writing.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "bulwark/commands.h"
#include "bulwark/query_path.h"
#include "bulwark/snapshot.h"

namespace bulwark::app {
namespace {

/// A data directory of the check's own, gone with it: the real one may be in use, or not ours to write.
class Scratch {
 public:
  Scratch() : path_((std::filesystem::temp_directory_path() / ("bulwark-check-" + TraceId::random().hex())).string()) {}
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// `models`: which the chat guard would use, and how their trial went; empty: there is none.
Result<Settings> check_all(const std::string& config_file, std::string& models) {
  Settings settings = TRY(load_settings(config_file));
  const Scratch scratch;
  const DataDirectory data = TRY(DataDirectory::open(scratch.path()));
  Lasting lasting;
  lasting.outbound = TRY(net::HttpClient::create());
  auto control = TRY(control::Table::create(nullptr));
  lasting.control = control.get();
  TRY(make_snapshot(settings, data, lasting));
  if (lasting.chat) models = lasting.chat->models();
  // A list that is still learned is written to: only serving opens it.
  if (settings.database && settings.database->guards.allow_list.mode != database::AllowListMode::learn)
    TRY(query_path(settings.database->guards));
  return settings;
}

}  // namespace

int check(const std::string& config_file) {
  std::string models;
  auto settings = check_all(config_file, models);
  if (!settings.ok()) {
    fmt::print(stderr, "{}\n", settings.error().message);
    return 2;
  }
  fmt::print("{} is fine: {} routes, {} upstreams{}{}\n", config_file, settings->routes.size(), settings->gateway.upstreams.size(),
             settings->database ? ", a database" : "",
             settings->console.enabled ? ", a console on " + settings->console.listen.text() : "");
  if (!models.empty()) fmt::print("chat models: {}\n", models);
  return 0;
}

}  // namespace bulwark::app
