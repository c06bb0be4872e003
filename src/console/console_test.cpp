#include "console/console.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "console/account_database.h"
#include "console/test_browser.h"
#include "crypto/totp.h"
#include "events/embedded_store.h"
#include "soc/action.h"
#include "soc/center.h"

namespace bulwark::console {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPassword = "correct horse battery";

/// RFC 4648 base32 back to bytes.
std::string base32_bytes(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  unsigned buffer = 0;
  unsigned bits = 0;
  for (const char each : text) {
    buffer = buffer << 5 | static_cast<unsigned>(kLetters.find(each));
    bits += 5;
    if (bits >= 8) out += static_cast<char>(buffer >> (bits -= 8));
  }
  return out;
}

/// Takes every blocked event for an alert.
class EveryBlock final : public soc::Detector {
 public:
  std::string_view name() const override { return "every_block"; }
  void on_event(const events::Event& event, soc::AlertSink& sink) override {
    if (event.plane != events::Plane::waf || event.disposition != events::Disposition::blocked) return;
    sink.raise({.id = Id<16>::random(),
                .time = event.time,
                .detector = "every_block",
                .rule = "every_block:" + event.source.text(),
                .title = event.source.text() + " was blocked",
                .why = "1 request was blocked by rule 942100.",
                .subject_value = event.source.text(),
                .evidence = {event.trace}});
  }
  void on_tick(WallTime, soc::AlertSink&) override {}
};

/// Lifts blocks, as the real one does; no playbook runs it here.
class Block final : public soc::Action {
 public:
  explicit Block(control::Table& table) : table_(table) {}
  std::string_view name() const override { return "block"; }
  Result<soc::ActionDone> run(const soc::ActionRequest&) override { return internal_error(Code::unsupported, "not in this test"); }
  Result<void> undo(std::string_view handle, std::string_view) override {
    const auto id = control::EntryId::from_hex(handle);
    if (!id) return client_error(Code::not_found, "nothing has this id");
    TRY(table_.undo(*id));
    return {};
  }

 private:
  control::Table& table_;
};

class ConsoleTest : public ::testing::Test {
 protected:
  ConsoleTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bulwark-console-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(directory_ + "/spool");
    store_ = events::open_embedded_store({.path = directory_ + "/events.db", .key = {}}).value();
    bus_ = events::Bus::create({.directory = directory_ + "/spool"}, store_.get()).value();
    control_ = control::Table::create(nullptr, clock_).value();
    soc::Settings without_playbooks;
    without_playbooks.playbooks.clear();
    soc::Parts parts{.settings = without_playbooks,
                     .ledger = {.path = directory_ + "/soc.db", .key = {}},
                     .table = control_.get(),
                     .publisher = bus_->add_publisher("soc").value()};
    parts.detectors.push_back(std::make_unique<EveryBlock>());
    parts.actions.push_back(std::make_unique<Block>(*control_));
    center_ = soc::Center::create(std::move(parts), clock_).value();
    console_ = Console::create({}, {.accounts = open_accounts({.path = directory_ + "/console.db", .key = {}}).value(),
                                    .store = store_.get(),
                                    .bus = bus_.get(),
                                    .desk = center_.get(),
                                    .data_directory = directory_,
                                    .password_cost = {.passes = 1, .memory_bytes = 8192},
                                    .clock = &clock_})
                   .value();
    bus_->subscribe(*center_);
    bus_->subscribe(console_->live());
    center_->start();
    EXPECT_TRUE(bus_->start().ok());
  }
  ~ConsoleTest() override {
    bus_->stop();
    console_.reset();
    center_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::string code_for(std::string_view secret) { return crypto::totp_code(secret, crypto::totp_step(clock_.wall())); }

  /// Goes through the set-up as the page does; returns the raw TOTP secret.
  std::string enrol(Browser& browser, const std::string& code, const std::string& name) {
    const auto begun = browser.post(
        "/api/set-up", R"({"code":")" + code + R"(","user":")" + name + R"(","password":")" + std::string(kPassword) + R"("})");
    EXPECT_EQ(begun.status, 200) << begun.body;
    const auto secret = base32_bytes(begun.text("secret"));
    const auto done =
        browser.post("/api/set-up/finish", R"({"ticket":")" + begun.text("ticket") + R"(","code":")" + code_for(secret) + R"("})");
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(done.text("state"), "signed_in");
    clock_.advance(30s);  // the proof's code is used up
    return secret;
  }
  std::string first_admin(Browser& browser) { return enrol(browser, console_->first_run().value().value(), "ada"); }

  Answer sign_in(Browser& browser, std::string_view password, const std::string& code) {
    return browser.post("/api/sign-in", R"({"user":"ada","password":")" + std::string(password) + R"(","code":")" + code + R"("})");
  }
  /// A second person of this role, signed in.
  Browser person(Browser& admin, const std::string& role, const std::string& name) {
    const auto invitation = admin.post("/api/people/invite", R"({"role":")" + role + R"("})");
    Browser other(*console_);
    enrol(other, invitation.text("code"), name);
    return other;
  }
  std::vector<events::StoredEvent> events_of(std::string rule) {
    bus_->flush();
    events::Query query;
    query.rule = std::move(rule);
    return store_->query(query).value();
  }

  ManualClock clock_;
  std::string directory_;
  std::unique_ptr<events::Store> store_;
  std::unique_ptr<events::Bus> bus_;
  std::unique_ptr<control::Table> control_;
  std::unique_ptr<soc::Center> center_;
  std::shared_ptr<Console> console_;
};

TEST_F(ConsoleTest, FirstRunWritesACodeOnlyTheOwnerCanRead) {
  const auto code = console_->first_run().value();
  ASSERT_TRUE(code);
  const std::string file = directory_ + "/console-setup-code";
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  std::string line;
  std::getline(std::ifstream(file) >> std::ws, line);
  EXPECT_EQ(line, *code);

  Browser browser(*console_);
  EXPECT_EQ(browser.get("/api/session").text("state"), "set_up");
  enrol(browser, *code, "ada");
  EXPECT_FALSE(std::filesystem::exists(file)) << "a used code must not lie around";
  EXPECT_FALSE(console_->first_run().value()) << "nor is there a second one";
  EXPECT_EQ(Browser(*console_).get("/api/session").text("state"), "signed_out");
}

TEST_F(ConsoleTest, SetUpNeedsTheCodeAndDecentChoices) {
  const auto code = console_->first_run().value().value();
  Browser browser(*console_);
  const auto attempt = [&](const std::string& with, const char* user, const char* password) {
    return browser.post("/api/set-up", R"({"code":")" + with + R"(","user":")" + user + R"(","password":")" + password + R"("})");
  };
  EXPECT_EQ(attempt("AAAA-BBBB-CCCC-DDDD", "ada", "correct horse battery").status, 403);
  EXPECT_EQ(attempt(code, "Ada Lovelace", "correct horse battery").text("error"), "user");
  EXPECT_EQ(attempt(code, "ada", "short").text("error"), "password");
  EXPECT_EQ(attempt(code, "ada", "correct horse battery").status, 200);
  EXPECT_EQ(browser.post("/api/set-up/finish", R"({"ticket":"x","code":"123456"})").status, 403);
  EXPECT_EQ(browser.post("/api/set-up", "{").status, 400);
}

TEST_F(ConsoleTest, GuessingSetUpCodesIsSlowedDown) {
  console_->first_run().value();
  Browser browser(*console_);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(browser.post("/api/set-up", R"({"code":"AAAA-BBBB-CCCC-DDDD"})").status, 403);
  const auto answer = browser.post("/api/set-up", R"({"code":"AAAA-BBBB-CCCC-DDDD"})");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.at("retry-after"), "15");
}

TEST_F(ConsoleTest, SignsInAndOut) {
  Browser browser(*console_);
  const auto secret = first_admin(browser);
  EXPECT_EQ(browser.post("/api/sign-out", "{}").status, 200);
  EXPECT_EQ(browser.token, "");
  EXPECT_EQ(browser.get("/api/me").status, 401);

  EXPECT_EQ(sign_in(browser, "wrong password", code_for(secret)).status, 401);
  EXPECT_EQ(sign_in(browser, kPassword, "000000").status, 401);
  const auto answer = sign_in(browser, kPassword, code_for(secret));
  EXPECT_EQ(answer.status, 200);
  const auto cookie = answer.headers.at("set-cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-bulwark=")) << cookie;
  EXPECT_TRUE(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict")) << cookie;
  EXPECT_EQ(browser.get("/api/me").text("name"), "ada");

  const auto events = events_of("console.sign_in");
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].event.disposition, events::Disposition::allowed);
  EXPECT_EQ(events[0].event.user, "ada");
  EXPECT_EQ(events[0].event.event_class, events::Class::authentication);
  EXPECT_EQ(events[1].event.disposition, events::Disposition::blocked);
}

TEST_F(ConsoleTest, SignInMakesANewSessionAndEndsTheOneBefore) {
  Browser browser(*console_);
  const auto secret = first_admin(browser);
  const auto before = browser.token;
  ASSERT_EQ(sign_in(browser, kPassword, code_for(secret)).status, 200);
  EXPECT_NE(browser.token, before);
  browser.token = before;
  EXPECT_EQ(browser.get("/api/me").status, 401);
}

TEST_F(ConsoleTest, SessionsEndWhenIdle) {
  Browser browser(*console_);
  first_admin(browser);
  clock_.advance(59min);
  EXPECT_EQ(browser.get("/api/me").status, 200);
  clock_.advance(60min);
  EXPECT_EQ(browser.get("/api/me").status, 401);
}

TEST_F(ConsoleTest, StateChangesMustComeFromOurOwnPage) {
  Browser browser(*console_);
  first_admin(browser);
  const std::string body = R"({"subject":"ip","value":"203.0.113.9","ttl_seconds":60,"reason":"test"})";
  const auto with = [&](std::string_view header, std::string value) {
    browser.post("/api/none", "");  // fills in the page's headers
    browser.headers[std::string(header)] = std::move(value);
    return browser.send("POST", "/api/block", body);
  };
  EXPECT_EQ(with("origin", "https://evil.example").text("error"), "cross_site");
  EXPECT_EQ(with("origin", "http://localhost:9443").text("error"), "cross_site");
  EXPECT_EQ(with("origin", "null").text("error"), "cross_site");
  EXPECT_EQ(with("sec-fetch-site", "same-site").text("error"), "cross_site");
  EXPECT_EQ(with("sec-fetch-site", "cross-site").text("error"), "cross_site");
  EXPECT_EQ(with("content-type", "text/plain").text("error"), "cross_site");
  EXPECT_EQ(with("x-csrf-token", "").text("error"), "csrf");
  EXPECT_EQ(with("x-csrf-token", std::string(64, 'a')).text("error"), "csrf");
  EXPECT_TRUE(control_->snapshot()->empty());
  EXPECT_EQ(with("accept", "*/*").status, 200);
  EXPECT_FALSE(control_->snapshot()->empty());
}

TEST_F(ConsoleTest, BlocksAndUndoes) {
  Browser browser(*console_);
  first_admin(browser);
  const auto block = [&](const std::string& body) { return browser.post("/api/block", body); };
  EXPECT_EQ(block(R"({"subject":"ip","value":"203.0.113.9","ttl_seconds":60})").status, 400) << "no reason";
  EXPECT_EQ(block(R"({"subject":"ip","value":"203.0.113.9","ttl_seconds":0,"reason":"r"})").status, 400);
  EXPECT_EQ(block(R"({"subject":"ip","value":"203.0.113.9","ttl_seconds":9999999,"reason":"r"})").status, 400);
  EXPECT_EQ(block(R"({"subject":"ip","value":"not an address","ttl_seconds":60,"reason":"r"})").status, 400);
  EXPECT_EQ(block(R"({"subject":"ip","value":"0.0.0.0/0","ttl_seconds":60,"reason":"r"})").status, 400);
  EXPECT_EQ(block(R"({"subject":"planet","value":"x","ttl_seconds":60,"reason":"r"})").status, 400);

  const auto done = block(R"({"subject":"ip","value":"203.0.113.9","ttl_seconds":600,"reason":"scanner"})");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.text("created_by"), "user:ada");
  const auto attacker = IpAddress::parse("203.0.113.9").value();
  EXPECT_NE(control_->snapshot()->refusal(attacker, nullptr, clock_.wall()), nullptr);
  EXPECT_NE(browser.get("/api/entries").body.find("scanner"), std::string::npos);

  EXPECT_EQ(browser.post("/api/undo", R"({"id":")" + done.text("id") + R"("})").status, 200);
  EXPECT_EQ(control_->snapshot()->refusal(attacker, nullptr, clock_.wall()), nullptr);
  EXPECT_EQ(browser.post("/api/undo", R"({"id":")" + done.text("id") + R"("})").status, 404);
  EXPECT_EQ(browser.post("/api/undo", R"({"id":"x"})").status, 404);
  EXPECT_EQ(browser.post("/api/undo", R"({"id":""})").status, 400);

  ASSERT_EQ(events_of("console.block").size(), 1U);
  EXPECT_EQ(events_of("console.block")[0].event.user, "ada");
  EXPECT_EQ(events_of("console.block")[0].event.event_class, events::Class::entity_management);
  EXPECT_EQ(events_of("console.undo").size(), 1U);
}

TEST_F(ConsoleTest, RolesLimitWhatPeopleDo) {
  Browser admin(*console_);
  first_admin(admin);
  auto viewer = person(admin, "viewer", "vera");
  auto responder = person(admin, "responder", "rob");
  const std::string body = R"({"subject":"ip","value":"203.0.113.9","ttl_seconds":60,"reason":"test"})";
  EXPECT_EQ(viewer.get("/api/entries").status, 200);
  EXPECT_EQ(viewer.post("/api/block", body).text("error"), "role");
  EXPECT_EQ(responder.post("/api/block", body).status, 200);
  EXPECT_EQ(responder.get("/api/people").text("error"), "role");
  EXPECT_EQ(responder.post("/api/people/invite", R"({"role":"admin"})").text("error"), "role");
  EXPECT_EQ(admin.get("/api/people").status, 200);
}

TEST_F(ConsoleTest, AdminsChangeAndRemoveOthersButNotThemselves) {
  Browser admin(*console_);
  first_admin(admin);
  auto viewer = person(admin, "viewer", "vera");
  EXPECT_EQ(admin.post("/api/people/role", R"({"name":"ada","role":"viewer"})").status, 403);
  EXPECT_EQ(admin.post("/api/people/remove", R"({"name":"ada"})").status, 403);
  EXPECT_EQ(admin.post("/api/people/role", R"({"name":"vera","role":"responder"})").status, 200);
  EXPECT_EQ(viewer.get("/api/me").status, 401) << "the session carried the old role";
  EXPECT_EQ(admin.post("/api/people/remove", R"({"name":"vera"})").status, 200);
  EXPECT_EQ(admin.post("/api/people/remove", R"({"name":"vera"})").status, 404);
  EXPECT_EQ(events_of("console.role").size(), 1U);
}

TEST_F(ConsoleTest, ChangingThePasswordEndsOtherSessions) {
  Browser browser(*console_);
  const auto secret = first_admin(browser);
  Browser elsewhere(*console_);
  ASSERT_EQ(sign_in(elsewhere, kPassword, code_for(secret)).status, 200);
  clock_.advance(30s);
  const auto change = [&](const std::string& password, const std::string& next) {
    return browser.post("/api/me/password",
                        R"({"password":")" + password + R"(","code":")" + code_for(secret) + R"(","new_password":")" + next + R"("})");
  };
  EXPECT_EQ(change("wrong password", "four other unrelated words").status, 403);
  EXPECT_EQ(change(std::string(kPassword), "short").status, 400);
  EXPECT_EQ(change(std::string(kPassword), "four other unrelated words").status, 200);
  EXPECT_EQ(browser.get("/api/me").status, 200);
  EXPECT_EQ(elsewhere.get("/api/me").status, 401);
  clock_.advance(30s);
  EXPECT_EQ(sign_in(elsewhere, kPassword, code_for(secret)).status, 401);
  EXPECT_EQ(sign_in(elsewhere, "four other unrelated words", code_for(secret)).status, 200);
}

TEST_F(ConsoleTest, FindsEventsAndWholeTraces) {
  Browser browser(*console_);
  first_admin(browser);
  auto* publisher = bus_->add_publisher("test").value();
  events::Event event;
  event.time = system_clock().wall();
  event.plane = events::Plane::waf;
  event.disposition = events::Disposition::blocked;
  event.source = IpAddress::parse("203.0.113.9").value();
  event.trace = TraceId::random();
  event.rule = "942100";
  event.message = "SQL injection";
  event.detail = R"({"field":"args.q","value":"<script>"})";
  ASSERT_TRUE(publisher->publish(event));
  event.time += 1'000'000;
  event.plane = events::Plane::edge;
  event.rule = "";
  event.message = "request refused";
  ASSERT_TRUE(publisher->publish(event));

  const auto found = browser.get("/api/events?rule=942100&source=203.0.113.9&plane=waf&disposition=blocked&text=injection");
  EXPECT_NE(found.body.find("SQL injection"), std::string::npos) << found.body;
  EXPECT_EQ(found.body.find("request refused"), std::string::npos);
  EXPECT_EQ(found.headers.at("cache-control"), "no-store");
  const auto trace = browser.get("/api/traces/" + event.trace.hex());
  EXPECT_LT(trace.body.find("SQL injection"), trace.body.find("request refused")) << "oldest first";
  EXPECT_NE(trace.body.find("args.q"), std::string::npos);

  const std::string day =
      "from=" + std::to_string(event.time / 1'000'000 - 3'600'000) + "&to=" + std::to_string(event.time / 1'000'000 + 60'000);
  for (const auto* plane : {"waf", "edge"})
    EXPECT_NE(browser.get("/api/minutes?" + day + "&plane=" + plane).body.find(",1,1]"), std::string::npos) << plane;
  EXPECT_EQ(browser.get("/api/minutes?" + day + "&disposition=allowed").body, R"({"minutes":[]})");
  EXPECT_EQ(browser.get("/api/events?source=nowhere").status, 400);
  EXPECT_EQ(browser.get("/api/events?plane=moon").status, 400);
  EXPECT_EQ(browser.get("/api/traces/123").status, 400);
  EXPECT_EQ(browser.get("/api/minutes?from=0&to=99999999").status, 400) << "more than a day";
  EXPECT_EQ(Browser(*console_).get("/api/events").status, 401);
}

TEST_F(ConsoleTest, ShowsIncidentsWithTheirReasonsAndClosesThem) {
  Browser browser(*console_);
  first_admin(browser);
  auto* publisher = bus_->add_publisher("test").value();
  events::Event event;
  event.plane = events::Plane::waf;
  event.disposition = events::Disposition::blocked;
  event.severity = events::Severity::high;
  event.source = IpAddress::parse("203.0.113.9").value();
  event.rule = "942100";
  event.time = clock_.wall();
  event.trace = TraceId::random();
  ASSERT_TRUE(publisher->publish(event));
  bus_->flush();
  center_->stop();  // works off what waits

  const auto list = browser.get("/api/incidents");
  const auto document = json::Document::parse(list.body).value();
  const auto incidents = document.root().find("incidents");
  ASSERT_TRUE(incidents && incidents->size() == 1U) << list.body;
  const std::string id((*incidents->begin()).text("id"));
  const auto details = browser.get("/api/incidents/" + id);
  EXPECT_NE(details.body.find("203.0.113.9"), std::string::npos) << details.body;
  EXPECT_NE(details.body.find(event.trace.hex()), std::string::npos) << "the evidence names the request";
  EXPECT_NE(details.body.find("by rule 942100"), std::string::npos) << details.body;

  EXPECT_EQ(browser.post("/api/incidents/close", R"({"id":")" + id + R"("})").status, 200);
  EXPECT_EQ(browser.post("/api/incidents/close", R"({"id":")" + id + R"("})").status, 404);
  EXPECT_NE(browser.get("/api/incidents").body.find("\"closed_by\":\"user:ada\""), std::string::npos);
}

TEST_F(ConsoleTest, StreamsHistoryThenSecondsUntilTheSessionEnds) {
  Browser browser(*console_);
  first_admin(browser);
  auto stream = std::make_shared<Waiter>();
  browser.headers.clear();
  browser.send_to(stream, "GET", "/api/live", "");
  EXPECT_EQ(stream->wait().headers.at("content-type"), "text/event-stream");
  stream->wait_for("event: history");
  const auto text = stream->wait_for("event: second");
  EXPECT_NE(text.find("\"entries\":0,\"incidents\":0"), std::string::npos) << text;
}

TEST_F(ConsoleTest, UnknownPathsAndMethods) {
  Browser browser(*console_);
  EXPECT_EQ(browser.get("/api/nothing").status, 404);
  EXPECT_EQ(browser.get("/nothing.php").status, 404);
  EXPECT_EQ(browser.get("/api/sign-in").status, 405);
  EXPECT_EQ(browser.post("/live", "{}").status, 405);
}

TEST_F(ConsoleTest, PagesCarryTheirPolicyAndAreCachedByHash) {
  Browser browser(*console_);
  for (const auto* path : {"/", "/live", "/events", "/alerts"}) {
    const auto page = browser.get(path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_NE(page.body.find("<div id=\"app\">"), std::string::npos);
    EXPECT_EQ(page.headers.at("content-security-policy").find("unsafe"), std::string::npos);
    EXPECT_TRUE(page.headers.at("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    EXPECT_EQ(page.headers.at("cache-control"), "no-cache");
  }
  browser.headers = {{"if-none-match", browser.get("/").headers.at("etag")}};
  EXPECT_EQ(browser.send("GET", "/", "").status, 304);
  browser.headers = {{"accept-encoding", "gzip, deflate, br"}};
  EXPECT_EQ(browser.send("GET", "/theme.js", "").headers.at("content-encoding"), "br");
  browser.headers = {{"accept-encoding", "gzip, br;q=0"}};
  EXPECT_EQ(browser.send("GET", "/theme.js", "").headers.at("content-encoding"), "gzip");
}

}  // namespace
}  // namespace bulwark::console
