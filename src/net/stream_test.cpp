// Streams over real sockets, in clear and under TLS: content, back-pressure, SNI, ALPN, trust, half-close.
#include "net/stream.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace bulwark::net {
namespace {

const Endpoint kAnyPort{Endpoint::parse("127.0.0.1:0").value()};

struct Pair {
  Stream client;
  Stream server;
};

void wait_for(const Stream& stream, short events) {
  pollfd poll{stream.fd(), events, 0};
  ASSERT_EQ(::poll(&poll, 1, 5000), 1);
}

Pair connected() {
  Listener listener = Listener::listen(kAnyPort).value();
  Pair pair;
  pair.client = Stream::connect(listener.bound()).value();
  pollfd poll{listener.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&poll, 1, 5000), 1);
  Endpoint peer;
  pair.server = listener.accept(peer).value();
  EXPECT_TRUE(pair.server.open());
  EXPECT_TRUE(peer.address.is_loopback());
  wait_for(pair.client, POLLOUT);
  EXPECT_TRUE(pair.client.finish_connect().ok());
  return pair;
}

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/bulwark_net_XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Folder() {
    for (const auto& file : files_) std::remove(file.c_str());
    ::rmdir(path_.c_str());
  }
  CertificateFiles certificate(const std::vector<std::string>& names) {
    const auto made = make_self_signed(names, 2).value();
    CertificateFiles out{write(made.certificate_pem), write(made.key_pem)};
    return out;
  }
  std::string write(const std::string& text) {
    files_.push_back(path_ + "/" + std::to_string(files_.size()) + ".pem");
    std::ofstream(files_.back()) << text;
    return files_.back();
  }

 private:
  std::string path_;
  std::vector<std::string> files_;
};

/// Drives both handshakes to their end; the worse of the two states.
IoStatus shake(Pair& pair) {
  IoStatus client = IoStatus::would_block;
  IoStatus server = IoStatus::would_block;
  for (int round = 0; round < 1000; ++round) {
    if (client == IoStatus::would_block) client = pair.client.handshake();
    if (server == IoStatus::would_block) server = pair.server.handshake();
    if (client == IoStatus::ok && server == IoStatus::ok) return IoStatus::ok;
    if (client == IoStatus::failed || server == IoStatus::failed) return IoStatus::failed;
    pollfd polls[2] = {{pair.client.fd(), POLLIN, 0}, {pair.server.fd(), POLLIN, 0}};
    ::poll(polls, 2, 1000);
  }
  return IoStatus::would_block;
}

std::string transfer(Stream& from, Stream& to, std::string_view bytes) {
  std::string received;
  std::array<char, 8192> buffer{};
  const std::size_t total = bytes.size();
  while (received.size() < total) {
    if (!bytes.empty()) {
      const std::size_t half = bytes.size() / 2;
      const iovec parts[2] = {{const_cast<char*>(bytes.data()), half}, {const_cast<char*>(bytes.data()) + half, bytes.size() - half}};
      const IoResult written = from.writev(parts);
      EXPECT_NE(written.status, IoStatus::failed) << from.last_failure();
      bytes.remove_prefix(written.bytes);
    }
    for (;;) {
      const IoResult got = to.read(buffer);
      if (got.status != IoStatus::ok) {
        EXPECT_EQ(got.status, IoStatus::would_block) << to.last_failure();
        break;
      }
      received.append(buffer.data(), got.bytes);
    }
    if (::testing::Test::HasFailure()) break;
  }
  return received;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 977);
  return text;
}

TEST(Stream, CarriesMoreThanTheSocketsBuffersHold) {
  Pair pair = connected();
  const std::string sent = pattern(3'000'000);
  EXPECT_EQ(transfer(pair.client, pair.server, sent), sent);
  EXPECT_FALSE(pair.client.encrypted());
}

TEST(Stream, HalfCloseLeavesTheOtherDirectionOpen) {
  Pair pair = connected();
  pair.client.shutdown_write();
  std::array<char, 16> buffer{};
  wait_for(pair.server, POLLIN);
  EXPECT_EQ(pair.server.read(buffer).status, IoStatus::closed);
  EXPECT_EQ(pair.server.write("late").bytes, 4U);
  wait_for(pair.client, POLLIN);
  EXPECT_EQ(pair.client.read(buffer).bytes, 4U);
}

TEST(Stream, ConnectToNobodyFailsWithWords) {
  Listener listener = Listener::listen(kAnyPort).value();
  const Endpoint gone = listener.bound();
  listener.close();
  Stream stream = Stream::connect(gone).value();
  wait_for(stream, POLLOUT);
  const auto finished = stream.finish_connect();
  ASSERT_FALSE(finished.ok());
  EXPECT_EQ(finished.error().origin, Origin::upstream);
  EXPECT_NE(finished.error().message.find("refused"), std::string::npos);
}

TEST(Tls, CarriesBytesBothWaysWithTheAgreedProtocol) {
  Folder folder;
  const auto files = folder.certificate({"app.example", "127.0.0.1"});
  Pair pair = connected();
  ASSERT_TRUE(pair.server.start_tls_server(TlsServer::create({.certificates = {files}}).value()).ok());
  auto client = TlsClient::create({.ca_file = files.certificate_file, .alpn = {"http/1.1"}}).value();
  ASSERT_TRUE(pair.client.start_tls_client(client, "app.example").ok());
  ASSERT_EQ(shake(pair), IoStatus::ok) << pair.client.last_failure();
  EXPECT_EQ(pair.server.alpn(), "http/1.1");
  EXPECT_EQ(pair.client.tls_version(), "TLSv1.3");
  const std::string sent = pattern(3'000'000);
  EXPECT_EQ(transfer(pair.client, pair.server, sent), sent);
  EXPECT_EQ(transfer(pair.server, pair.client, sent), sent);
  pair.server.close();
  std::array<char, 16> buffer{};
  IoResult end;
  do {
    wait_for(pair.client, POLLIN);
    end = pair.client.read(buffer);
  } while (end.status == IoStatus::would_block);
  EXPECT_EQ(end.status, IoStatus::closed);
}

/// A record that TLS held since an earlier read says nothing of what has come into the socket since.
TEST(Tls, AReadFromWhatWasHeldDoesNotCallTheSocketEmpty) {
  Folder folder;
  const auto files = folder.certificate({"app.example"});
  Pair pair = connected();
  ASSERT_TRUE(pair.server.start_tls_server(TlsServer::create({.certificates = {files}}).value()).ok());
  ASSERT_TRUE(pair.client.start_tls_client(TlsClient::create({.ca_file = files.certificate_file}).value(), "app.example").ok());
  ASSERT_EQ(shake(pair), IoStatus::ok) << pair.client.last_failure();
  ASSERT_EQ(pair.client.write("first").bytes, 5U);
  ASSERT_EQ(pair.client.write("second").bytes, 6U);
  std::array<char, 64> buffer{};
  const int both = 2 * (5 + 1 + 16) + 5 + 6;  // RFC 8446 §5.2: header, content type and tag around each text
  ::setsockopt(pair.server.fd(), SOL_SOCKET, SO_RCVLOWAT, &both, sizeof both);
  wait_for(pair.server, POLLIN);
  const IoResult first = pair.server.read(buffer);  // takes both records out of the socket
  ASSERT_EQ(first.bytes, 5U);
  EXPECT_FALSE(first.drained);
  ASSERT_EQ(pair.client.write("third").bytes, 5U);
  const int one = 1;
  ::setsockopt(pair.server.fd(), SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
  wait_for(pair.server, POLLIN);
  const IoResult second = pair.server.read(buffer);
  ASSERT_EQ(second.bytes, 6U);
  EXPECT_FALSE(second.drained);
  const IoResult third = pair.server.read(buffer);
  ASSERT_EQ(third.bytes, 5U);
  EXPECT_TRUE(third.drained);
}

TEST(Tls, ChoosesTheCertificateByServerName) {
  Folder folder;
  const auto first = folder.certificate({"one.example"});
  const auto second = folder.certificate({"two.example", "*.two.example"});
  const auto server = TlsServer::create({.certificates = {first, second}}).value();
  const auto served = [&](std::string_view name, const CertificateFiles& trusted) {
    Pair pair = connected();
    EXPECT_TRUE(pair.server.start_tls_server(server).ok());
    EXPECT_TRUE(pair.client.start_tls_client(TlsClient::create({.ca_file = trusted.certificate_file}).value(), name).ok());
    return shake(pair);
  };
  EXPECT_EQ(served("one.example", first), IoStatus::ok);
  EXPECT_EQ(served("TWO.example", second), IoStatus::ok);
  EXPECT_EQ(served("deep.two.example", second), IoStatus::ok);
  EXPECT_EQ(served("one.example", second), IoStatus::failed);
  EXPECT_EQ(served("other.example", first), IoStatus::failed);  // served the first, whose name does not fit
}

TEST(Tls, RefusesOldVersionsUnknownProtocolsAndStrangers) {
  Folder folder;
  const auto files = folder.certificate({"app.example"});
  const auto stranger = folder.certificate({"client.example"});
  const auto attempt = [&](ServerTlsSettings settings, ClientTlsSettings trust, int max_version) {
    settings.certificates = {files};
    trust.ca_file = files.certificate_file;
    Pair pair = connected();
    EXPECT_TRUE(pair.server.start_tls_server(TlsServer::create(settings).value()).ok());
    EXPECT_TRUE(pair.client.start_tls_client(TlsClient::create(trust).value(), "app.example").ok());
    SSL_set_max_proto_version(pair.client.ssl(), max_version);
    const IoStatus status = shake(pair);
    if (status != IoStatus::ok) {
      EXPECT_NE(pair.client.last_failure() + pair.server.last_failure(), "");
    }
    return status;
  };
  EXPECT_EQ(attempt({}, {}, TLS1_2_VERSION), IoStatus::ok);
  EXPECT_EQ(attempt({}, {}, TLS1_1_VERSION), IoStatus::failed);
  EXPECT_EQ(attempt({.alpn = {"h2"}}, {.alpn = {"smtp"}}, 0), IoStatus::failed);
  EXPECT_EQ(attempt({.client_ca_file = stranger.certificate_file, .require_client_certificate = true}, {}, TLS1_2_VERSION),
            IoStatus::failed);
  EXPECT_EQ(attempt({.client_ca_file = stranger.certificate_file, .require_client_certificate = true}, {.client_certificate = stranger},
                    TLS1_2_VERSION),
            IoStatus::ok);
}

TEST(Tls, SaysWhichFileIsWrong) {
  Folder folder;
  const auto files = folder.certificate({"app.example"});
  const auto other = folder.certificate({"app.example"});
  const auto missing = TlsServer::create({.certificates = {{"/nowhere.pem", files.key_file}}});
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message.find("/nowhere.pem"), std::string::npos);
  EXPECT_FALSE(TlsServer::create({.certificates = {{files.certificate_file, other.key_file}}}).ok());
  EXPECT_FALSE(TlsServer::create({}).ok());
  EXPECT_FALSE(make_self_signed({"bad name,DNS:evil"}, 1).ok());
}

TEST(Listener, TwoShareAPort) {
  Listener first = Listener::listen(kAnyPort).value();
  const auto second = Listener::listen(first.bound());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->bound(), first.bound());
  Endpoint peer;
  EXPECT_FALSE(first.accept(peer).value().open());
}

}  // namespace
}  // namespace bulwark::net
