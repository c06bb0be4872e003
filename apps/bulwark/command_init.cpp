// `bulwark init`: a first configuration that protects one app, commented, at most 30 lines.
#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bulwark/commands.h"

namespace bulwark::app {
namespace {

constexpr std::string_view kTemplate = R"(# Bulwark. `bulwark check` reads this file, `bulwark reference` explains every key.
data_dir: ./bulwark-data        # keys, certificates, events; keep it private and on a real disk
listen: 0.0.0.0:8443            # HTTPS; without `tls` below a self-signed certificate is made
# tls:
#   - {certificate: /etc/bulwark/site.crt, key: /etc/bulwark/site.key}
upstreams:
  app: {servers: ["http://@upstream@"]}
  # model: {servers: ["https://api.openai.com:443"]}
routes:
  # - path: /v1/                # an OpenAI-compatible API: personal data is hidden from the model
  #   upstream: model
  #   chat: {api_key: "env:OPENAI_API_KEY"}
  - path: /
    upstream: app
    waf: {mode: enforce}        # enforce | monitor | off
# database:                     # point the app at this address instead of at PostgreSQL
#   listen: 127.0.0.1:6432
#   upstream: 127.0.0.1:5432
#   verifiers_from: "env:DATABASE_ADMIN_URL"   # or verifiers_file
console:
  listen: 127.0.0.1:9443        # the set-up code for the first login is printed by `bulwark serve`
)";

}  // namespace

int init(const InitOptions& options) {
  if (std::filesystem::exists(options.config_file) && !options.force) {
    fmt::print(stderr, "{} exists; --force overwrites it\n", options.config_file);
    return 2;
  }
  std::string text(kTemplate);
  const std::string_view placeholder = "@upstream@";
  text.replace(text.find(placeholder), placeholder.size(), options.upstream);
  std::ofstream output(options.config_file, std::ios::binary | std::ios::trunc);
  output << text;
  output.close();
  if (!output) {
    fmt::print(stderr, "cannot write {}\n", options.config_file);
    return 1;
  }
  fmt::print("wrote {}\nnext: bulwark check {}   then: bulwark serve {}\n", options.config_file, options.config_file, options.config_file);
  return 0;
}

}  // namespace bulwark::app
