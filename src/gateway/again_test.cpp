// A stage that wants another answer gets it: from another upstream or the same, after a refusal or silence, but never once a byte
// has left; and a filter that waits holds its stream, and only its stream, until it is told to go on.
#include <atomic>
#include <future>

#include "gateway/test_peers.h"

namespace bulwark::gateway {
namespace {

using testing::echo;
using testing::get;
using testing::Peer;
using testing::route_to;
using testing::TestGateway;
using testing::TestUpstream;

std::function<void(Peer&)> answering(std::string text) {
  return [text](Peer& peer) {
    while (peer.message().find("\r\n\r\n") != std::string::npos) peer.send(text);
  };
}

std::string response(std::string status, std::string body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Goes on to the next upstream after 503 or silence.
class Elsewhere final : public Stage {
 public:
  explicit Elsewhere(std::vector<const UpstreamSettings*> others) : others_(std::move(others)) {}
  const StageInfo& info() const override {
    static constexpr StageInfo kInfo{
        "elsewhere", static_cast<std::uint8_t>(bit(Phase::request_head) | bit(Phase::response_head) | bit(Phase::upstream_failed)),
        OnError::fail_closed};
    return kInfo;
  }
  struct Tried final : StageState {
    std::size_t next = 0;
  };
  Result<Verdict> run(Phase phase, Exchange& exchange, std::size_t index) const override {
    if (phase == Phase::request_head) {
      exchange.want_request_body(1'000);
      return Verdict::pass;
    }
    if (phase == Phase::response_head && exchange.response.status != 503) return Verdict::pass;
    Tried& tried = exchange.state<Tried>(index);
    if (tried.next == others_.size()) return Verdict::pass;
    exchange.upstream = others_[tried.next++];
    exchange.replace_request_body("try " + std::to_string(tried.next));
    return Verdict::again;
  }

 private:
  std::vector<const UpstreamSettings*> others_;
};

/// With more patience than a busy machine needs: a slow connection is not what is tested here.
std::shared_ptr<const UpstreamSettings> upstream_at(const Endpoint& server) {
  auto made = std::make_shared<UpstreamSettings>();
  made->name = "model";
  made->servers = {server};
  made->connect_timeout = std::chrono::milliseconds(testing::kPatienceMs);
  return made;
}

struct Chained {
  explicit Chained(const std::vector<Endpoint>& servers) {
    route = route_to({});
    route->upstream = upstream_at(servers[0]);
    std::vector<const UpstreamSettings*> others;
    for (std::size_t i = 1; i < servers.size(); ++i) {
      route->others.push_back(upstream_at(servers[i]));
      others.push_back(route->others.back().get());
    }
    route->pipeline = Pipeline({std::make_shared<Elsewhere>(others)});
  }
  std::shared_ptr<Route> route;
};

constexpr std::string_view kPost = "POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nfirst";

/// A port where nobody listens, and nobody else will: it is bound.
class Deserted {
 public:
  Deserted() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    at_ = Endpoint::parse("127.0.0.1:" + std::to_string(ntohs(address.sin_port))).value();
  }
  ~Deserted() { ::close(fd_); }
  const Endpoint& at() const { return at_; }

 private:
  int fd_;
  Endpoint at_;
};

TEST(Again, AnotherUpstreamAnswersInsteadOfOneThatRefuses) {
  TestUpstream busy(answering(response("503 Busy", "not now")));
  TestUpstream good(echo);
  TestGateway gateway({Chained({busy.at(), good.at()}).route});
  const std::string answer = gateway.ask(kPost);
  EXPECT_NE(answer.find("HTTP/1.1 200"), std::string::npos) << answer;
  EXPECT_NE(answer.find("try 1"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("not now"), std::string::npos) << answer;
}

TEST(Again, AnotherUpstreamAnswersInsteadOfOneThatIsNotThereOrBreaksOff) {
  TestUpstream gone([](Peer& peer) { (void)peer.message(); });
  TestUpstream good(echo);
  const Deserted deserted;
  TestGateway gateway({Chained({deserted.at(), gone.at(), good.at()}).route});
  const std::string answer = gateway.ask(kPost);
  EXPECT_NE(answer.find("try 2"), std::string::npos) << answer;
}

TEST(Again, TheLastAnswerStandsWhenNobodyHasABetterOne) {
  TestUpstream busy(answering(response("503 Busy", "not now")));
  TestGateway gateway({Chained({busy.at(), busy.at()}).route});
  EXPECT_NE(gateway.ask(kPost).find("not now"), std::string::npos);
  const Deserted deserted;
  TestGateway nobody({Chained({deserted.at(), deserted.at()}).route});
  EXPECT_NE(nobody.ask(kPost).find("HTTP/1.1 502"), std::string::npos);
}

TEST(Again, NotOnceAByteHasLeft) {
  TestUpstream cut([](Peer& peer) {
    (void)peer.message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  TestUpstream good(echo);
  TestGateway gateway({Chained({cut.at(), good.at()}).route});
  EXPECT_EQ(gateway.ask(kPost).find("try"), std::string::npos);
  EXPECT_EQ(good.connections(), 0);
}

/// Waits at '?' until it is opened; what came meanwhile stands behind it.
struct Gate {
  std::promise<std::function<void()>> waits;
  std::atomic<bool> open{false};
};

class Waiting final : public BodyFilter {
 public:
  Waiting(std::shared_ptr<Gate> gate, std::function<void()> resume) : gate_(std::move(gate)), resume_(std::move(resume)) {}
  Result<void> feed(std::string_view chunk, bool, std::string& out) override {
    held_.append(chunk);
    if (waiting_ && !gate_->open) return {};
    const std::size_t at = gate_->open ? std::string::npos : held_.find('?');
    out += held_.substr(0, at);
    held_ = at == std::string::npos ? "" : held_.substr(at + 1);
    waiting_ = at != std::string::npos;
    if (waiting_) gate_->waits.set_value(resume_);
    return {};
  }
  bool waiting() const override { return waiting_; }

 private:
  std::shared_ptr<Gate> gate_;
  std::function<void()> resume_;
  std::string held_;
  bool waiting_ = false;
};

class Gated final : public Stage {
 public:
  explicit Gated(std::shared_ptr<Gate> gate) : gate_(std::move(gate)) {}
  const StageInfo& info() const override {
    static constexpr StageInfo kInfo{"gated", bit(Phase::response_head), OnError::fail_closed};
    return kInfo;
  }
  Result<Verdict> run(Phase, Exchange& exchange, std::size_t) const override {
    exchange.filter_response_body(std::make_unique<Waiting>(gate_, exchange.resumer()));
    return Verdict::pass;
  }

 private:
  std::shared_ptr<Gate> gate_;
};

void passes_when_opened(std::string answer) {
  auto gate = std::make_shared<Gate>();
  TestUpstream upstream(answering(std::move(answer)));
  TestGateway gateway({route_to({upstream.at()}, {std::make_shared<Gated>(gate)})});
  Peer client = gateway.connect();
  client.send(get("/x"));
  EXPECT_NE(client.until("before").find("200"), std::string::npos);
  auto waits = gate->waits.get_future();
  ASSERT_EQ(waits.wait_for(std::chrono::milliseconds(testing::kPatienceMs)), std::future_status::ready);
  const std::function<void()> resume = waits.get();
  resume();  // nothing has changed: it goes on waiting
  gate->open = true;
  resume();
  resume();  // too late, and harmless
  EXPECT_NE(client.until("0\r\n\r\n").find("after"), std::string::npos);
  client.send(get("/y"));  // the connection goes on
  EXPECT_NE(client.until("before").find("200"), std::string::npos);
}

TEST(WaitingFilter, HoldsTheEndToo) { passes_when_opened(response("200 OK", "before?after")); }

TEST(WaitingFilter, HoldsWhatStillComes) {
  passes_when_opened("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nbefore?\r\n5\r\nafter\r\n0\r\n\r\n");
}

TEST(WaitingFilter, LetsAClientLeave) {
  auto gate = std::make_shared<Gate>();
  TestUpstream upstream(answering(response("200 OK", "before?after")));
  TestGateway gateway({route_to({upstream.at()}, {std::make_shared<Gated>(gate)})});
  std::function<void()> resume;
  {
    Peer client = gateway.connect();
    client.send(get("/x"));
    resume = gate->waits.get_future().get();
  }
  gate->open = true;
  resume();
  Peer other = gateway.connect();
  other.send(get("/y"));
  EXPECT_NE(other.until("after").find("200"), std::string::npos);
}

}  // namespace
}  // namespace bulwark::gateway
