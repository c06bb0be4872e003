// A stage that looks at the beginning of a response: what it sees, and that the rest reaches the client as it comes.
#include <gtest/gtest.h>

#include "gateway/server.h"
#include "gateway/stage.h"
#include "gateway/test_peers.h"

namespace bulwark::gateway {
namespace {

using testing::get;
using testing::Peer;
using testing::route_to;
using testing::TestGateway;
using testing::TestUpstream;

constexpr std::size_t kLimit = 1'000;

/// Notes what it sees; denies what begins with "bad".
class Looking final : public Stage {
 public:
  const StageInfo& info() const override { return info_; }
  Result<Verdict> run(Phase phase, Exchange& exchange, std::size_t) const override {
    if (phase == Phase::response_head) exchange.want_response_prefix(kLimit);
    if (phase != Phase::response_body) return Verdict::pass;
    seen = exchange.response.body;
    return seen.starts_with("bad") ? exchange.deny({.stage = "looking", .rule = "looking.bad", .reason = "bad"}) : Verdict::pass;
  }
  mutable std::string seen;

 private:
  StageInfo info_{"looking", bit(Phase::response_head) | bit(Phase::response_body), OnError::fail_closed};
};

std::string chunked(const std::string& body) {
  std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  char size[24];
  for (std::size_t from = 0; from < body.size(); from += 300) {
    const std::string piece = body.substr(from, 300);
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    out += size + piece + "\r\n";
  }
  return out + "0\r\n\r\n";
}

std::string sized(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string until_close(const std::string& body) { return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body; }

/// What a client gets that reads until the gateway closes, its chunks put together.
std::string fetched(const std::string& answer, std::string& seen) {
  TestUpstream upstream([&](Peer& peer) {
    if (peer.message().empty()) return;
    peer.send(answer);
    if (answer.find("Connection: close") == std::string::npos) (void)peer.message();
  });
  const auto stage = std::make_shared<Looking>();
  TestGateway gateway({route_to({upstream.at()}, {stage})});
  Peer client = gateway.connect();
  client.send(get("/"));
  std::string text = client.message();
  seen = stage->seen;
  const std::size_t head = text.find("\r\n\r\n") + 4;
  if (text.find("transfer-encoding: chunked") > head) return text.substr(head);
  std::string body;
  for (std::size_t at = head; at < text.size();) {
    const std::size_t size = std::stoul(text.substr(at), nullptr, 16);
    body += text.substr(text.find("\r\n", at) + 2, size);
    at = text.find("\r\n", at) + 2 + size + 2;
  }
  return body;
}

TEST(ResponsePrefix, ShortResponsesAreSeenWhole) {
  const std::string body(kLimit, 'a');
  for (const auto& answer : {chunked(body), sized(body), until_close(body)}) {
    std::string seen;
    EXPECT_EQ(fetched(answer, seen), body) << answer.substr(0, 60);
    EXPECT_EQ(seen, body);
  }
}

TEST(ResponsePrefix, LongOnesPassOnAfterTheirBeginning) {
  std::string body;
  for (int i = 0; body.size() < 500'000; ++i) body += std::to_string(i) + ' ';
  for (const auto& answer : {chunked(body), sized(body), until_close(body)}) {
    std::string seen;
    EXPECT_EQ(fetched(answer, seen), body) << answer.substr(0, 60);
    EXPECT_GE(seen.size(), kLimit);
    EXPECT_TRUE(body.starts_with(seen));
  }
}

TEST(ResponsePrefix, MayBeDenied) {
  const std::string body = "bad" + std::string(200'000, 'x');
  for (const auto& answer : {chunked(body), sized(body)}) {
    std::string seen;
    EXPECT_NE(fetched(answer, seen).find("\"status\":403"), std::string::npos);
  }
}

}  // namespace
}  // namespace bulwark::gateway
