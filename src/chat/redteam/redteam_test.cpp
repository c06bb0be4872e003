// A campaign against the guard itself, without a network: every technique is sent, counted and held to its bar.
#include "chat/redteam.h"

#include <gtest/gtest.h>

#include <set>

#include "chat/redteam/technique.h"
#include "chat/stage.h"
#include "chat/training/evasions.h"

namespace bulwark::chat::redteam {
namespace {

/// As the gateway answers: the guard's refusal, or a model that says yes to everything.
Send guarded(const gateway::Stage& stage) {
  return [&stage](const std::string& body) -> Result<Reply> {
    gateway::Exchange exchange;
    exchange.request.method = "POST";
    exchange.request.path = "/v1/chat/completions";
    exchange.request.body = body;
    if (TRY(stage.run(gateway::Phase::request_body, exchange, 0)) != gateway::Verdict::deny) return Reply{200, "{}"};
    return Reply{exchange.denial()->status, exchange.denial()->body};
  };
}

TEST(Redteam, ReportsEveryTechniqueAgainstTheGuard) {
  RouteSettings settings;
  settings.injection.data = Mode::block;
  const auto stage = Guard::create({}).value()->stage(settings).value();
  const Report report = attack({}, guarded(*stage)).value();
  EXPECT_EQ(report.lines.size(), 1 + training::kDressNames.size() + 6);
  std::set<std::string> names;
  for (const Line& line : report.lines) {
    EXPECT_TRUE(names.insert(line.technique).second);
    EXPECT_GT(line.attacks, 0U) << line.technique;
    EXPECT_EQ(line.failed, 0U);
  }
  EXPECT_GE(report.lines[0].blocked * 10, report.lines[0].attacks * 9) << table(report);
  EXPECT_EQ(report.lines[0].refused, 0U) << table(report);
}

TEST(Redteam, TheBarsDecide) {
  const Send yes = [](const std::string&) -> Result<Reply> { return Reply{200, "{}"}; };
  const Send no = [](const std::string&) -> Result<Reply> { return Reply{403, R"({"error":{"code":"prompt_injection_blocked"}})"}; };
  const Send broken = [](const std::string&) -> Result<Reply> { return Reply{403, R"({"error":{"code":"invalid_api_key"}})"}; };
  EXPECT_TRUE(attack({.only = "rot13"}, yes)->met);
  EXPECT_FALSE(attack({.only = "rot13", .min_blocked = 0.5}, yes)->met);
  EXPECT_TRUE(attack({.only = "rot13", .min_blocked = 0.5}, no)->met);
  EXPECT_FALSE(attack({.only = "rot13", .max_refused = 0.1}, no)->met);
  EXPECT_FALSE(attack({.only = "rot13"}, broken)->met);
  EXPECT_EQ(attack({.only = "rot13"}, no)->lines.size(), 1U);
  EXPECT_FALSE(attack({.only = "nonsense"}, yes).ok());
  EXPECT_FALSE(attack({.seeds = "/no/such/file"}, yes).ok());
}

}  // namespace
}  // namespace bulwark::chat::redteam
