// Blocklists, asked over the network: a small name server on loopback answers, answers late or does not answer.
#include "waf/blocklists.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <map>

#include "waf/compiler/compiler.h"
#include "waf/policy.h"
#include "waf/report.h"
#include "waf/rule_set.h"
#include "waf/seclang/reader.h"
#include "waf/transaction.h"

namespace bulwark::waf {
namespace {

using Answer = Blocklists::Answer;

/// Answers A queries (RFC 1035 §4): names it knows with their address, "silent" names never, others with "no such name".
class NameServer {
 public:
  explicit NameServer(std::map<std::string, std::string> addresses)
      : addresses_(std::move(addresses)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&any), size), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&any), &size), 0);
    endpoint_ = "127.0.0.1:" + std::to_string(ntohs(any.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~NameServer() {
    ::shutdown(socket_, SHUT_RDWR);  // wakes it
    thread_.join();
    ::close(socket_);
  }
  const std::string& endpoint() const { return endpoint_; }
  int asked() const { return asked_; }

 private:
  void serve() {
    std::uint8_t packet[512];
    sockaddr_storage from{};
    while (true) {
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(socket_, packet, sizeof packet, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got <= 12) return;
      ++asked_;
      const std::string reply = answer({reinterpret_cast<const char*>(packet), static_cast<std::size_t>(got)});
      if (!reply.empty()) ::sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }
  }

  std::string answer(const std::string& query) const {
    std::string name;
    std::size_t at = 12;
    while (at < query.size() && query[at] != 0) {
      const auto length = static_cast<std::size_t>(query[at]);
      name += (name.empty() ? "" : ".") + query.substr(at + 1, length);
      at += length + 1;
    }
    if (name.find("silent") != std::string::npos) return {};
    const auto known = addresses_.find(name);
    std::string reply = query.substr(0, at + 5);
    reply[2] = '\x81';
    reply[3] = known == addresses_.end() ? '\x83' : '\x80';
    reply.replace(6, 6, std::string("\0\0\0\0\0\0", 6));
    if (known == addresses_.end()) return reply;
    reply[7] = 1;
    in_addr address{};
    ::inet_pton(AF_INET, known->second.c_str(), &address);
    return reply.append("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4", 12).append(reinterpret_cast<const char*>(&address), 4);
  }

  std::map<std::string, std::string> addresses_;
  int socket_;
  std::string endpoint_;
  std::atomic<int> asked_ = 0;
  std::thread thread_;
};

class BlocklistsTest : public testing::Test {
 protected:
  std::shared_ptr<Blocklists> start(std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    return *Blocklists::start({{server_.endpoint()}, timeout}, clock_);
  }
  static Answer ask(Blocklists& lists, const std::string& name) {
    std::promise<void> done;
    lists.ask(name, [&] { done.set_value(); });
    done.get_future().wait();
    return lists.known(name).value();
  }
  static std::string name(const char* address, const char* zone = "list.example") {
    return Blocklists::name_of(*IpAddress::parse(address), zone);
  }

  NameServer server_{{{"2.0.0.127.list.example", "127.0.0.2"},
                      {"9.113.0.203.list.example", "127.0.0.4"},
                      {"3.0.0.127.list.example", "192.0.2.1"},
                      {"4.0.0.127.list.example", "127.255.255.254"},
                      {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.list.example", "127.0.0.2"}}};
  ManualClock clock_;
};

TEST_F(BlocklistsTest, SaysWhoIsListed) {
  const auto lists = start();
  EXPECT_EQ(ask(*lists, name("127.0.0.2")), Answer::listed);
  EXPECT_EQ(ask(*lists, name("2001:db8::1")), Answer::listed);
  EXPECT_EQ(ask(*lists, name("127.0.0.1")), Answer::clear);
  EXPECT_EQ(ask(*lists, name("127.0.0.3")), Answer::clear) << "not an address that a list answers with";
  EXPECT_EQ(ask(*lists, name("127.0.0.4")), Answer::silent) << "a list that does not serve us";
}

TEST_F(BlocklistsTest, RemembersForAsLongAsTheListSays) {
  const auto lists = start();
  EXPECT_FALSE(lists->known(name("127.0.0.2"))) << "nobody asked";
  (void)ask(*lists, name("127.0.0.2"));
  EXPECT_EQ(server_.asked(), 1);
  clock_.advance(std::chrono::seconds(59));
  EXPECT_EQ(lists->known(name("127.0.0.2")), Answer::listed);
  clock_.advance(std::chrono::seconds(2));
  EXPECT_FALSE(lists->known(name("127.0.0.2")));
  EXPECT_EQ(server_.asked(), 1);
}

TEST_F(BlocklistsTest, TakesNoAnswerInTimeForSilence) {
  const auto lists = start(std::chrono::milliseconds(20));
  EXPECT_EQ(ask(*lists, name("127.0.0.2", "silent.example")), Answer::silent);
}

TEST_F(BlocklistsTest, IsSilentAtOnceWhenTooMuchIsAsked) {
  std::atomic<int> done = 0;
  const auto lists = start();
  for (std::size_t i = 0; i < Blocklists::kMaxPending; ++i) lists->ask("silent" + std::to_string(i) + ".example", [&] { ++done; });
  EXPECT_EQ(done, 0);
  EXPECT_EQ(ask(*lists, name("127.0.0.2")), Answer::silent);
}

TEST_F(BlocklistsTest, LetsWhoeverWaitsGoWhenItEnds) {
  std::atomic<int> done = 0;
  start()->ask("silent.example", [&] { ++done; });
  EXPECT_EQ(done, 1);
}

TEST_F(BlocklistsTest, RefusesServersThatAreNoAddresses) {
  EXPECT_FALSE(Blocklists::start({{"dns.example"}, std::chrono::milliseconds(10)}).ok());
  EXPECT_FALSE(Blocklists::start({{"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"}, std::chrono::milliseconds(10)}).ok());
}

TEST_F(BlocklistsTest, DecideForRules) {
  const auto document = *seclang::read_text(
      "SecRule REMOTE_ADDR \"@rbl list.example\" \"id:1,phase:1,deny,capture,msg:'listed %{TX.0}'\"\n"
      "SecRule REQUEST_HEADERS:X-Real-Ip \"!@rbl silent.example\" \"id:2,phase:1,deny,msg:'not listed'\"\n",
      "rules", seclang::Escapes::quote_and_backslash);
  const auto program = *compile(document, {});
  EXPECT_EQ(program->blocklists, std::vector<std::string>{"list.example"});
  const auto lists = start();
  (void)ask(*lists, name("203.0.113.9"));
  (void)ask(*lists, name("203.0.113.8"));
  const auto run = [&](const char* client, Transaction& transaction) {
    transaction.begin(program, std::make_shared<Policy>(), nullptr, lists.get());
    transaction.set_request({"GET", "/", "HTTP/1.1", {}}, {{*IpAddress::parse(client), 4711}, {}, "id", {}});
    transaction.add_request_header("x-real-ip", "203.0.113.7");
    transaction.run_request_headers();
  };
  Transaction transaction;
  run("203.0.113.9", transaction);
  ASSERT_NE(transaction.intervention(), nullptr);
  EXPECT_EQ(transaction.intervention()->rule->id, 1);
  EXPECT_EQ(transaction.matches().at(0).message, "listed 203.0.113.9");

  run("203.0.113.8", transaction);
  EXPECT_EQ(transaction.intervention(), nullptr) << "a silent list refuses nobody, also where a rule is negated";
  ASSERT_EQ(transaction.matches().size(), 1);
  EXPECT_EQ(make_finding(transaction.matches()[0], {}).rule, "waf.blocklist");
  EXPECT_FALSE(compile(*seclang::read_text("SecRule REMOTE_ADDR \"@rbl a b\" \"id:1\"", "rules", {}), {}).ok());
}

}  // namespace
}  // namespace bulwark::waf
