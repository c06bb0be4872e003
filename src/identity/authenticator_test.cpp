// Who is let in: API keys, tokens from a file's and from fetched keys, caching, key rotation, budgets, waiting.
#include "identity/authenticator.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "crypto/test_signer.h"

namespace bulwark::identity {
namespace {

using crypto::JoseAlgorithm;
using crypto::TestSigner;
using Kind = Outcome::Kind;
using namespace std::chrono_literals;

const IpAddress kClient = IpAddress::parse("203.0.113.9").value();

/// Key sets as a provider would hand them out, one after another; counts how often it was asked.
class Provider final : public KeyFetcher {
 public:
  explicit Provider(std::vector<Result<std::string>> answers) : answers_(std::move(answers)) {}
  Result<std::string> fetch(const IssuerSettings&) override {
    const std::scoped_lock lock(mutex_);
    const std::size_t index = std::min(asked_++, answers_.size() - 1);
    return answers_[index];
  }
  void stop() override {}
  std::size_t asked() const {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Result<std::string>> answers_;
  std::size_t asked_ = 0;
};

std::string key_set(const std::string& keys) { return "{\"keys\":[" + keys + "]}"; }

std::string claims(const Clock& clock, std::string_view user, int seconds = 600) {
  return R"({"iss":"https://idp","aud":"shop","sub":")" + std::string(user) + R"(","exp":)" +
         std::to_string(clock.wall() / 1'000'000'000 + seconds) + "}";
}

class Authenticating : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/bulwark_identity_XXXXXX";
    directory_ = ::mkdtemp(name);
    settings_.issuers = {
        {.issuer = "https://idp", .audiences = {"shop"}, .jwks_url = "https://idp/jwks", .clock_skew = 0ms, .min_refresh = 10ms}};
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::shared_ptr<Authenticator> make(std::vector<Result<std::string>> answers, const Authenticator* previous = nullptr) {
    auto provider = std::make_unique<Provider>(std::move(answers));
    provider_ = provider.get();
    return Authenticator::create(settings_, std::move(provider), previous, clock_).value();
  }

  /// What a request sees that waits when it is asked to.
  Outcome ask(Authenticator& authenticator, std::string_view token, const IpAddress& client = kClient) {
    std::promise<void> resumed;
    auto outcome = authenticator.authenticate({Presented::Kind::token, token}, client, false, [&] { return [&] { resumed.set_value(); }; });
    if (!outcome.ok()) return failed(outcome.error());
    if (outcome->kind != Kind::wait) return *outcome;
    resumed.get_future().get();
    auto second = authenticator.authenticate({Presented::Kind::token, token}, client, true, [] { return [] {}; });
    return second.ok() ? *second : failed(second.error());
  }
  static Outcome failed(const Error& error) { return {.kind = Kind::anonymous, .reason = to_string(error)}; }

  std::string directory_;
  Settings settings_;
  ManualClock clock_;
  Provider* provider_ = nullptr;
  TestSigner signer_{JoseAlgorithm::es256};
};

TEST_F(Authenticating, WaitsForTheFirstKeysThenKnowsTheUser) {
  const auto authenticator = make({key_set(signer_.jwk("k"))});
  const std::string token = signer_.token(claims(clock_, "alice"), "k", "JWT");
  const Outcome outcome = ask(*authenticator, token);
  ASSERT_EQ(outcome.kind, Kind::known) << outcome.reason;
  EXPECT_EQ(outcome.principal.user, "alice");
  EXPECT_TRUE(outcome.principal.credential_id.starts_with("sha256:"));
  EXPECT_EQ(provider_->asked(), 1U);
}

TEST_F(Authenticating, RefusesForgeriesAndStrangers) {
  const auto authenticator = make({key_set(signer_.jwk("k"))});
  const TestSigner other(JoseAlgorithm::es256);
  EXPECT_EQ(ask(*authenticator, other.token(claims(clock_, "alice"), "k", "JWT")).reason, "token whose signature does not hold");
  std::string token = signer_.token(claims(clock_, "alice"), "k", "JWT");
  const std::string header = token.substr(0, token.find('.'));
  const std::string signature = token.substr(token.rfind('.'));
  EXPECT_EQ(ask(*authenticator, header + "." + crypto::base64url(claims(clock_, "admin")) + signature).reason,
            "token whose signature does not hold");
  EXPECT_EQ(ask(*authenticator, signer_.token(R"({"iss":"https://other"})", "k", "JWT")).reason, "token of an unknown issuer");
  EXPECT_EQ(ask(*authenticator, signer_.token(claims(clock_, "alice", -1), "k", "JWT")).reason, "token expired");
}

TEST_F(Authenticating, KeepsAnIssuerToItsAlgorithms) {
  settings_.issuers[0].algorithms = {Algorithm::rs256};
  const auto authenticator = make({key_set(signer_.jwk("k"))});
  EXPECT_EQ(ask(*authenticator, signer_.token(claims(clock_, "a"), "k", "JWT")).reason,
            "token with an algorithm that its issuer does not use");
}

TEST_F(Authenticating, FetchesForAnUnknownKeyIdButNotForEvery) {
  settings_.issuers[0].min_refresh = 1h;
  const TestSigner fresh(JoseAlgorithm::es256);
  const auto authenticator = make({key_set(signer_.jwk("old")), key_set(fresh.jwk("new"))});
  ASSERT_EQ(ask(*authenticator, signer_.token(claims(clock_, "a"), "old", "JWT")).kind, Kind::known);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(ask(*authenticator, fresh.token(claims(clock_, "a"), "new", "JWT")).reason, "token signed with an unknown key");
  EXPECT_EQ(provider_->asked(), 1U);
}

TEST_F(Authenticating, FollowsARotationAndForgetsTokensOfWithdrawnKeys) {
  const TestSigner fresh(JoseAlgorithm::es256);
  const auto authenticator = make({key_set(signer_.jwk("old")), key_set(fresh.jwk("new"))});
  const std::string old_token = signer_.token(claims(clock_, "a"), "old", "JWT");
  ASSERT_EQ(ask(*authenticator, old_token).kind, Kind::known);
  const std::string new_token = fresh.token(claims(clock_, "b"), "new", "JWT");
  Outcome outcome;
  while ((outcome = ask(*authenticator, new_token)).kind == Kind::refused) std::this_thread::yield();  // until min_refresh is over
  EXPECT_EQ(outcome.principal.user, "b");
  EXPECT_EQ(ask(*authenticator, old_token).reason, "token signed with an unknown key");
}

TEST_F(Authenticating, RemembersTokensUntilTheyExpire) {
  settings_.verification_burst = 1;
  const auto authenticator = make({key_set(signer_.jwk("k"))});
  const std::string token = signer_.token(claims(clock_, "alice", 100), "k", "JWT");
  for (int i = 0; i < 50; ++i) ASSERT_EQ(ask(*authenticator, token).kind, Kind::known) << i;
  clock_.advance(100s);
  EXPECT_EQ(ask(*authenticator, token).reason, "token expired");
}

TEST_F(Authenticating, BoundsTheSignaturesOfOneSource) {
  settings_.verification_burst = 3;
  settings_.verifications_per_second = 1;
  const auto authenticator = make({key_set(signer_.jwk("k"))});
  const auto token = [&](int i) { return signer_.token(claims(clock_, "u" + std::to_string(i)), "k", "JWT"); };
  const std::string remembered = token(0);
  EXPECT_EQ(ask(*authenticator, remembered).kind, Kind::known);
  for (int i = 1; i < 3; ++i) EXPECT_EQ(ask(*authenticator, token(i)).kind, Kind::known);
  const Outcome limited = ask(*authenticator, token(3));
  EXPECT_EQ(limited.kind, Kind::limited);
  EXPECT_EQ(limited.retry_after, 1s);
  EXPECT_EQ(ask(*authenticator, remembered).kind, Kind::known) << "remembered tokens cost nothing";
  EXPECT_EQ(ask(*authenticator, token(4), IpAddress::parse("198.51.100.1").value()).kind, Kind::known);
  const auto from_site = [](int host) { return IpAddress::parse("2001:db8::" + std::to_string(host)).value(); };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(*authenticator, token(10 + i), from_site(i)).kind, Kind::known);
  EXPECT_EQ(ask(*authenticator, token(20), from_site(9)).kind, Kind::limited) << "a /64 is one source";
}

TEST_F(Authenticating, SaysNothingAboutTokensWhileKeysAreMissing) {
  settings_.issuers[0].min_refresh = 1h;
  const auto authenticator = make({upstream_error(Code::unavailable, "down")});
  EXPECT_EQ(ask(*authenticator, signer_.token(claims(clock_, "a"), "k", "JWT")).reason,
            "upstream/unavailable: the issuer's keys could not be fetched yet");
}

TEST_F(Authenticating, AReloadKeepsFetchedKeys) {
  const auto before = make({key_set(signer_.jwk("k"))});
  const std::string token = signer_.token(claims(clock_, "a"), "k", "JWT");
  ASSERT_EQ(ask(*before, token).kind, Kind::known);
  const auto after = make({upstream_error(Code::unavailable, "down")}, before.get());
  EXPECT_EQ(ask(*after, token).kind, Kind::known);
}

TEST_F(Authenticating, ReadsFilesAtOnceAndRefusesBrokenOnes) {
  const std::string file = directory_ + "/jwks.json";
  settings_.issuers[0].jwks_url.clear();
  settings_.issuers[0].jwks_file = file;
  EXPECT_FALSE(Authenticator::create(settings_, nullptr, nullptr, clock_).ok());
  std::ofstream(file) << key_set(signer_.jwk("k"));
  const auto authenticator = Authenticator::create(settings_, nullptr, nullptr, clock_).value();
  EXPECT_EQ(ask(*authenticator, signer_.token(claims(clock_, "a"), "k", "JWT")).kind, Kind::known);
  settings_.api_keys_file = directory_ + "/none";
  EXPECT_FALSE(Authenticator::create(settings_, nullptr, nullptr, clock_).ok());
}

TEST_F(Authenticating, ApiKeysAndTheirRevocation) {
  settings_ = {};
  settings_.api_keys_file = directory_ + "/keys";
  const std::string key = new_api_key(settings_.api_keys_file, {.user = "ci", .roles = {"deploy"}}, clock_.wall()).value();
  const auto authenticator = Authenticator::create(settings_, nullptr, nullptr, clock_).value();
  const auto check = [&] { return authenticator->authenticate({Presented::Kind::api_key, key}, kClient, false, {}).value(); };
  const Outcome known = check();
  EXPECT_EQ(known.principal.user, "ci");
  ASSERT_TRUE(revoke_api_key(settings_.api_keys_file, known.principal.credential_id, clock_.wall()).ok());
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (check().kind == Kind::known && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(check().kind, Kind::refused);
}

Presented from(std::vector<gateway::Header> list) {
  gateway::Headers headers;
  headers.list = std::move(list);
  return presented(headers);
}

TEST(Presenting, TellsOursFromTheAppsOwn) {
  using Is = Presented::Kind;
  EXPECT_EQ(from({}).kind, Is::nothing);
  EXPECT_EQ(from({{"Authorization", "Basic YTpi"}}).kind, Is::foreign);
  EXPECT_EQ(from({{"Authorization", "Bearer opaque"}}).kind, Is::foreign);
  EXPECT_EQ(from({{"authorization", "BEARER  a.b.c"}}).text, "a.b.c");
  EXPECT_EQ(from({{"authorization", "Bearer bwk_x"}}).kind, Is::api_key);
  EXPECT_EQ(from({{"X-API-Key", "bwk_x"}}).kind, Is::api_key);
  EXPECT_EQ(from({{"X-API-Key", "the app's"}, {"Authorization", "Bearer a.b.c"}}).kind, Is::token);
  EXPECT_EQ(from({{"X-API-Key", "bwk_x"}, {"Authorization", "Bearer a.b.c"}}).kind, Is::ambiguous);
  EXPECT_EQ(from({{"Authorization", "Basic YTpi"}, {"Authorization", "Bearer a.b.c"}}).kind, Is::ambiguous);
}

TEST(TokenCacheTest, IsBoundedAndKeepsWhatLastsLongest) {
  TokenCache cache(64);
  EXPECT_EQ(cache.capacity(), 64U);
  const auto put = [&](int i, WallTime expires) {
    auto token = std::make_shared<VerifiedToken>();
    token->expires = expires;
    cache.put(crypto::sha256(std::to_string(i)), std::move(token));
  };
  put(0, 1'000'000);
  for (int i = 1; i < 10'000; ++i) put(i, i);
  EXPECT_NE(cache.find(crypto::sha256("0"), 0), nullptr);
  EXPECT_EQ(cache.find(crypto::sha256("0"), 1'000'000), nullptr);
  int kept = 0;
  for (int i = 0; i < 10'000; ++i) kept += cache.find(crypto::sha256(std::to_string(i)), 0) ? 1 : 0;
  EXPECT_EQ(kept, 64);
}

}  // namespace
}  // namespace bulwark::identity
