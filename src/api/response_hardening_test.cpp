// Which headers an answer gains and loses.
#include "api/response_hardening.h"

#include <gtest/gtest.h>

#include <map>

namespace bulwark::api {
namespace {

using Edits = std::map<std::string, std::string>;

Edits harden(bool secure, std::vector<gateway::Header> answered, const HardeningSettings& settings = {}) {
  gateway::Exchange exchange;
  exchange.request.secure = secure;
  exchange.response.headers.list = std::move(answered);
  auto verdict = make_response_hardening(settings)->run(gateway::Phase::response_head, exchange, 0);
  EXPECT_TRUE(verdict.ok() && *verdict == gateway::Verdict::pass);
  Edits edits;
  for (const auto& edit : exchange.response_edits.edits()) edits[edit.name] = edit.remove ? "(removed)" : edit.value;
  return edits;
}

TEST(ResponseHardening, AddsWhatTheAppForgot) {
  const Edits edits = harden(true, {});
  EXPECT_EQ(edits.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(edits.at("strict-transport-security"), "max-age=31536000");
  EXPECT_EQ(edits.at("x-frame-options"), "SAMEORIGIN");
}

TEST(ResponseHardening, LeavesWhatTheAppDecided) {
  const Edits edits = harden(true, {{"X-Frame-Options", "DENY"}, {"Strict-Transport-Security", "max-age=5"}});
  EXPECT_EQ(edits.count("x-frame-options"), 0U);
  EXPECT_EQ(edits.count("strict-transport-security"), 0U);
}

TEST(ResponseHardening, NeverPromisesTlsInClear) { EXPECT_EQ(harden(false, {}).count("strict-transport-security"), 0U); }

TEST(ResponseHardening, HidesWhatTheAppRunsOn) {
  const std::vector<gateway::Header> answered{{"Server", "Express"}, {"X-Powered-By", "Node"}};
  EXPECT_EQ(harden(true, answered).at("server"), "(removed)");
  EXPECT_EQ(harden(true, answered).at("x-powered-by"), "(removed)");
  EXPECT_EQ(harden(true, answered, {.hide_server = false}).count("server"), 0U);
}

}  // namespace
}  // namespace bulwark::api
