// The runner with a probe that tells what it is told, and the tcp probe against a real socket.
#include "noc/runner.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "noc/probes/http.h"
#include "noc/probes/tcp.h"

namespace bulwark::noc {
namespace {

class Scripted final : public Probe {
 public:
  explicit Scripted(Result<Observation>& next) : next_(next) {}
  std::string_view name() const override { return "shop"; }
  std::chrono::milliseconds interval() const override { return std::chrono::milliseconds(1); }
  Result<Observation> observe(std::chrono::milliseconds) override { return next_; }

 private:
  Result<Observation>& next_;
};

class Published final : public events::Publisher {
 public:
  bool publish(const events::Event& event) override {
    messages.emplace_back(event.message);
    severities.push_back(event.severity);
    return true;
  }
  std::vector<std::string> messages;
  std::vector<events::Severity> severities;
};

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    std::vector<std::unique_ptr<Probe>> probes;
    probes.push_back(std::make_unique<Scripted>(next_));
    runner_ = std::make_unique<Runner>(std::move(probes), published_, clock_);
  }
  void see(Health health, int times, int latency_us = 1000) {
    next_ = Observation{health, std::chrono::microseconds(latency_us), "seen"};
    for (int i = 0; i < times; ++i) runner_->look(0);
  }
  ManualClock clock_;
  Result<Observation> next_{Observation{}};
  Published published_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, OneBadLookWakesNobodyTwoDo) {
  see(Health::up, 3);
  see(Health::down, 1);
  see(Health::up, 1);
  EXPECT_TRUE(published_.messages.empty());
  see(Health::down, 5);
  ASSERT_EQ(published_.messages.size(), 1U);
  EXPECT_EQ(published_.messages[0], "shop is down (was up): seen");
  EXPECT_EQ(published_.severities[0], events::Severity::high);
  EXPECT_EQ(runner_->status()[0].health, Health::down);
  see(Health::up, 2);
  EXPECT_EQ(published_.messages.size(), 2U);
}

TEST_F(RunnerTest, UnusualSlownessIsDegradedUntilItIsUsual) {
  for (int i = 0; i < 50; ++i) see(Health::up, 1, 1000 + i % 5 * 100);
  see(Health::up, 2, 20'000);
  ASSERT_EQ(published_.messages.size(), 1U);
  EXPECT_NE(published_.messages[0].find("took 20.0 ms where 1."), std::string::npos) << published_.messages[0];
  see(Health::up, 2, 1200);
  EXPECT_EQ(runner_->status()[0].health, Health::up);
}

TEST_F(RunnerTest, AProbeThatFailsItselfIsDegradedAndSaysSo) {
  next_ = internal_error(Code::exhausted, "no descriptors");
  runner_->look(0);
  runner_->look(0);
  EXPECT_EQ(runner_->status()[0].health, Health::degraded);
  EXPECT_NE(runner_->status()[0].message.find("no descriptors"), std::string::npos);
}

TEST_F(RunnerTest, StartsLooksAndStops) {
  Runner runner({}, published_);
  runner.start();
  runner.stop();
}

/// A listening socket on a port of the kernel's choice.
int listen_on_loopback(Endpoint& endpoint) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(listen(listener, 4), 0);
  socklen_t size = sizeof address;
  EXPECT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  endpoint = Endpoint::from_sockaddr(reinterpret_cast<sockaddr*>(&address));
  return listener;
}

TEST(HttpProbe, GoesByTheStatus) {
  Endpoint endpoint;
  const int listener = listen_on_loopback(endpoint);
  std::thread server([listener] {
    for (const std::string_view status : {"200 OK", "404 Not Found", "503 Unavailable"}) {
      const int client = accept(listener, nullptr, nullptr);
      char request[4096];
      ASSERT_GT(recv(client, request, sizeof request, 0), 0);
      const std::string answer = "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
      ASSERT_EQ(send(client, answer.data(), answer.size(), MSG_NOSIGNAL), static_cast<ssize_t>(answer.size()));
      close(client);
    }
  });
  const auto client = net::HttpClient::create().value();
  ProbeSettings settings;
  settings.name = "shop";
  settings.url = "http://" + endpoint.text() + "/health";
  const auto probe = make_http(settings, *client);
  const auto look = [&] { return probe->observe(std::chrono::seconds(5)).value().health; };
  EXPECT_EQ(look(), Health::up);
  EXPECT_EQ(look(), Health::degraded);
  EXPECT_EQ(look(), Health::down);
  server.join();
  close(listener);
  EXPECT_EQ(look(), Health::down) << "nobody listens";
}

TEST(TcpProbe, TellsAListenerFromNone) {
  ProbeSettings settings;
  const int listener = listen_on_loopback(settings.address);
  settings.name = "db";
  const auto probe = make_tcp(settings);
  EXPECT_EQ(probe->observe(std::chrono::seconds(5)).value().health, Health::up);
  close(listener);
  EXPECT_EQ(probe->observe(std::chrono::seconds(5)).value().health, Health::down);
}

}  // namespace
}  // namespace bulwark::noc
