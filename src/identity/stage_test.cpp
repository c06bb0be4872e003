// The stage on real exchanges: requirements, control entries, headers to the app, and spoofed headers from clients.
#include "identity/stage.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace bulwark::identity {
namespace {

using gateway::Exchange;
using gateway::Phase;
using gateway::Verdict;

class IdentityStageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/bulwark_stage_XXXXXX";
    directory_ = ::mkdtemp(name);
    settings_.api_keys_file = directory_ + "/keys";
    key_ = new_api_key(settings_.api_keys_file, {.user = "alice", .tenant = "acme", .roles = {"buyer", "editor"}}, system_clock().wall())
               .value();
    control_ = control::Table::create(nullptr).value();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  /// Runs a request with these headers on a route that requires `require`.
  Verdict run(std::vector<gateway::Header> headers, std::vector<std::string> require) {
    const IdentityStage stage(Authenticator::create(settings_, nullptr).value(), {std::move(require)}, control_.get());
    exchange_ = std::make_unique<Exchange>();
    exchange_->client.address = IpAddress::parse("203.0.113.9").value();
    exchange_->started_wall = system_clock().wall();
    exchange_->request.headers.list = std::move(headers);
    return stage.run(Phase::request_head, *exchange_, 0).value();
  }
  Verdict with_key(std::vector<std::string> require) { return run({{"X-Api-Key", key_}}, std::move(require)); }

  /// What the app would get under `name`: the last edit of it, or "-" when it is removed, or "" when untouched.
  std::string sent(std::string_view name) const {
    std::string value;
    for (const auto& edit : exchange_->upstream_edits.edits())
      if (gateway::same_header(edit.name, name)) value = edit.remove ? "-" : edit.value;
    return value;
  }
  std::string rule() const { return exchange_->denial() != nullptr ? exchange_->denial()->rule : ""; }

  std::string directory_;
  Settings settings_;
  std::string key_;
  std::unique_ptr<control::Table> control_;
  std::unique_ptr<Exchange> exchange_;
};

TEST_F(IdentityStageTest, EnforcesWhatTheRouteRequires) {
  EXPECT_EQ(run({}, {"none"}), Verdict::pass);
  EXPECT_EQ(run({}, {"any"}), Verdict::deny);
  EXPECT_EQ(exchange_->denial()->status, 401);
  EXPECT_EQ(rule(), "identity.required");
  EXPECT_EQ(with_key({"any"}), Verdict::pass);
  EXPECT_EQ(with_key({"admin", "editor"}), Verdict::pass);
  EXPECT_EQ(with_key({"admin"}), Verdict::deny);
  EXPECT_EQ(exchange_->denial()->status, 403);
  EXPECT_EQ(rule(), "identity.role");
}

TEST_F(IdentityStageTest, GoodCredentialsCountOnOpenRoutesAndBadOnesAreOnlyNoted) {
  EXPECT_EQ(with_key({"none"}), Verdict::pass);
  EXPECT_EQ(exchange_->principal.tenant, "acme");
  EXPECT_EQ(run({{"X-Api-Key", "bwk_wrong"}}, {"none"}), Verdict::pass);
  EXPECT_TRUE(exchange_->principal.anonymous());
  ASSERT_EQ(exchange_->findings().size(), 1U);
  EXPECT_EQ(exchange_->findings()[0].event_class, events::Class::authentication);
  EXPECT_EQ(run({{"X-Api-Key", "bwk_wrong"}}, {"any"}), Verdict::deny);
  EXPECT_EQ(exchange_->denial()->status, 401);
  EXPECT_EQ(rule(), "identity.api_key");
}

TEST_F(IdentityStageTest, TellsTheAppAndKeepsTheKey) {
  with_key({"any"});
  EXPECT_EQ(sent("X-Bulwark-User"), "alice");
  EXPECT_EQ(sent("X-Bulwark-Tenant"), "acme");
  EXPECT_EQ(sent("X-Bulwark-Roles"), "buyer,editor");
  EXPECT_EQ(sent("X-Api-Key"), "-");
  settings_.identity_headers = false;
  with_key({"any"});
  EXPECT_EQ(sent("X-Bulwark-User"), "");
}

TEST_F(IdentityStageTest, StripsSpoofedHeadersInEverySpelling) {
  run({{"x-bulwark-user", "root"}, {"X_Bulwark_Roles", "admin"}, {"X-Bulwark_Anything", "1"}, {"X-Bulwar", "k"}}, {"none"});
  EXPECT_EQ(sent("x-bulwark-user"), "-");
  EXPECT_EQ(sent("x_bulwark_roles"), "-");
  EXPECT_EQ(sent("x-bulwark_anything"), "-");
  EXPECT_EQ(sent("x-bulwar"), "");
  run({{"x-bulwark-user", "root"}, {"X-Api-Key", key_}}, {"any"});
  EXPECT_EQ(sent("X-Bulwark-User"), "alice");
}

TEST_F(IdentityStageTest, ObeysControlEntries) {
  with_key({"any"});
  const std::string id = exchange_->principal.credential_id;
  for (const auto& [subject, value] : std::vector<std::pair<control::Subject, std::string>>{
           {control::Subject::user, "alice"}, {control::Subject::tenant, "acme"}, {control::Subject::credential, id}}) {
    control::Entry entry{.kind = control::Kind::revoke,
                         .subject = subject,
                         .value = value,
                         .expires = system_clock().wall() + 60'000'000'000,
                         .reason = "test",
                         .created_by = "user:test"};
    const auto added = control_->add(entry);
    ASSERT_TRUE(added.ok()) << added.error().message;
    EXPECT_EQ(with_key({"none"}), Verdict::deny);
    EXPECT_EQ(exchange_->denial()->status, 403);
    EXPECT_EQ(rule(), "control.revoke");
    ASSERT_TRUE(control_->undo(added->id).ok());
    EXPECT_EQ(with_key({"any"}), Verdict::pass);
  }
}

}  // namespace
}  // namespace bulwark::identity
