// Upstreams from their configuration, and what is said about bad ones.
#include "gateway/settings.h"

#include <gtest/gtest.h>

namespace bulwark::gateway {
namespace {

std::string complaint(std::vector<std::string> servers) {
  UpstreamConfig config;
  config.servers = std::move(servers);
  auto made = make_upstream("app", config);
  return made.ok() ? "" : made.error().message;
}

TEST(GatewaySettings, ReadsServersOfAllSpellings) {
  UpstreamConfig config;
  config.servers = {"http://127.0.0.1:3000", "127.0.0.2:3001", "http://[::1]:3002/", "http://localhost:3003"};
  auto made = make_upstream("app", config);
  ASSERT_TRUE(made.ok()) << made.error().message;
  std::string all;
  for (const auto& server : (*made)->servers) all += server.text() + " ";
  EXPECT_EQ(all, "127.0.0.1:3000 127.0.0.2:3001 [::1]:3002 127.0.0.1:3003 ");
  EXPECT_EQ((*made)->tls, nullptr);
  EXPECT_EQ((*made)->host_header, "");
}

TEST(GatewaySettings, HttpsIsVerifiedUnderTheServersName) {
  UpstreamConfig config;
  config.servers = {"https://localhost"};
  auto made = make_upstream("model", config);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ((*made)->servers.front().port, 443);
  EXPECT_EQ((*made)->tls_server_name, "localhost");
  EXPECT_EQ((*made)->host_header, "localhost");
  EXPECT_TRUE((*made)->tls->settings().verify);
}

TEST(GatewaySettings, NamesUpstreamAndServerOfAMistake) {
  EXPECT_EQ(complaint({}), "upstream 'app': has no servers");
  EXPECT_EQ(complaint({"http://127.0.0.1:3000", "https://127.0.0.1:3000"}), "upstream 'app': mixes http and https servers");
  for (const char* bad : {"http://127.0.0.1:99999", "http://:80", "ftp://x/", "http://user@host:80", "http://host:80/path", "127.0.0.1:0"})
    EXPECT_TRUE(complaint({bad}).find(bad) != std::string::npos) << bad << " → " << complaint({bad});
}

TEST(GatewaySettings, ARouteChangesOnlyTheLimitsItNames) {
  LimitSettings settings;
  settings.max_body = config::ByteSize{1024};
  const Limits limits = apply(Limits{}, settings);
  EXPECT_EQ(limits.max_body_bytes, 1024U);
  EXPECT_EQ(limits.idle_timeout, Limits{}.idle_timeout);
}

}  // namespace
}  // namespace bulwark::gateway
