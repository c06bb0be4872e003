// The client, the app and the turns between them.
#include "scripted_gateway.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/check.h"
#include "gateway/server.h"
#include "net/stream.h"
#include "wire/http/chunked.h"
#include "wire/http/head.h"

namespace bulwark::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr int kQuietTurns = 6;               // turns without a byte at either end: nothing more is to come
constexpr std::size_t kMaxUnsent = 1 << 20;  // a gateway that does not read is not fed without end
constexpr const char* kDefaultAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Counts what is published: an event that cannot be told is as bad as none.
class Witness final : public events::Bus {
 public:
  Result<events::Publisher*> add_publisher(std::string_view) override { return &publisher_; }
  void subscribe(events::Subscriber&) override {}
  Result<void> start() override { return {}; }
  void flush() override {}
  void stop() override {}

 private:
  struct Counting final : events::Publisher {
    bool publish(const events::Event& event) override {
      CHECK(event.time > 0 && event.target.find('\n') == std::string_view::npos);
      return true;
    }
  } publisher_;
};

/// What is known when bytes move at one of the ends.
struct Pulse {
  bool moved = false;
};

/// One connection from the gateway: requests must come one after the other, each of them beyond doubt.
class App final : public net::EventHandler {
 public:
  App(net::Stream stream, Pulse& pulse, const std::string& answer) : stream_(std::move(stream)), pulse_(pulse), answer_(answer) {}
  net::Stream& stream() { return stream_; }

  void on_ready(net::Readiness) override {
    std::array<char, 16 * 1024> buffer;
    while (stream_.open()) {
      const net::IoResult got = stream_.read(buffer);
      if (got.status == net::IoStatus::would_block) break;
      if (got.status != net::IoStatus::ok) return;
      pulse_.moved = true;
      held_.append(buffer.data(), got.bytes);
    }
    while (take()) continue;
  }

 private:
  bool take() {
    if (tunnel_ || held_.empty()) return false;
    return in_body_ ? take_body() : take_head();
  }

  bool take_head() {
    const http::HeadLimits limits{.max_bytes = 256 * 1024, .max_line = 64 * 1024, .max_fields = 256};
    http::HeadScanner scanner;
    const auto state = scanner.scan(held_, limits);
    CHECK(state != http::HeadScanner::State::refused);
    if (state == http::HeadScanner::State::more) return false;
    http::RequestHead head;
    CHECK(scanner.skipped() == 0 && !http::parse_request_head(std::string_view(held_).substr(0, scanner.size()), limits, head));
    for (const std::string_view ours : {"x-forwarded-for", "x-request-id", "traceparent", "forwarded"})
      CHECK(std::ranges::count_if(head.fields, [&](const auto& field) { return http::same_name(field.name, ours); }) == 1);
    tunnel_ = head.websocket;
    chunked_ = head.body == http::BodyKind::chunked;
    left_ = head.body == http::BodyKind::length ? head.content_length : 0;
    chunks_.reset();
    in_body_ = chunked_ || left_ > 0;
    held_.erase(0, scanner.size());
    if (!in_body_) answer();
    return true;
  }

  bool take_body() {
    if (chunked_) {
      const auto step = chunks_.next(held_);
      CHECK(step.state != http::ChunkedDecoder::State::refused);
      held_.erase(0, step.consumed);
      in_body_ = step.state != http::ChunkedDecoder::State::done;
      if (step.state == http::ChunkedDecoder::State::more) return false;
    } else {
      const auto size = std::min<std::uint64_t>(left_, held_.size());
      held_.erase(0, size);
      left_ -= size;
      in_body_ = left_ > 0;
    }
    if (!in_body_) answer();
    return true;
  }

  void answer() { (void)stream_.write(answer_); }  // what the socket does not take is a response cut short

  net::Stream stream_;
  Pulse& pulse_;
  const std::string& answer_;
  std::string held_;
  bool in_body_ = false;
  bool chunked_ = false;
  bool tunnel_ = false;
  std::uint64_t left_ = 0;
  http::ChunkedDecoder chunks_;
};

class Apps final : public net::EventHandler {
 public:
  Apps(net::Reactor& reactor, Pulse& pulse) : reactor_(reactor), pulse_(pulse) {
    listener_ = net::Listener::listen(Endpoint::parse("127.0.0.1:0").value()).value();
    CHECK(reactor_.add(listener_.fd(), *this).ok());
  }
  const Endpoint& at() const { return listener_.bound(); }
  std::string answer = kDefaultAnswer;

  void on_ready(net::Readiness) override {
    while (true) {
      Endpoint peer;
      net::Stream stream = listener_.accept(peer).value();
      if (!stream.open()) return;
      pulse_.moved = true;
      apps_.push_back(std::make_unique<App>(std::move(stream), pulse_, answer));
      CHECK(reactor_.add(apps_.back()->stream().fd(), *apps_.back()).ok());
    }
  }

 private:
  net::Reactor& reactor_;
  Pulse& pulse_;
  net::Listener listener_;
  std::vector<std::unique_ptr<App>> apps_;
};

class Client final : public net::EventHandler {
 public:
  Client(net::Reactor& reactor, Pulse& pulse, const Endpoint& to, std::shared_ptr<const net::TlsClient> tls)
      : reactor_(reactor), pulse_(pulse), tls_(std::move(tls)) {
    stream_ = net::Stream::connect(to).value();
    CHECK(reactor_.add(stream_.fd(), *this).ok());
  }

  void send(std::string_view bytes) {
    if (unsent_.size() < kMaxUnsent) unsent_.append(bytes);
    flush();
  }
  void half_close() { stream_.shutdown_write(); }
  void leave() {
    if (stream_.open()) reactor_.remove(stream_.fd(), *this);
    stream_.abort();
  }

  void on_ready(net::Readiness readiness) override {
    if (tls_ != nullptr && !secured_) {
      if (!readiness.writable && !shaking_) return;
      if (!std::exchange(shaking_, true)) CHECK(stream_.start_tls_client(tls_, "localhost").ok());
      pulse_.moved = true;
      if (stream_.handshake() != net::IoStatus::ok) return;
      secured_ = true;
    }
    read();
    flush();
  }

 private:
  void read() {
    std::array<char, 16 * 1024> buffer;
    while (stream_.open()) {
      const net::IoResult got = stream_.read(buffer);
      if (got.status != net::IoStatus::ok) return;
      pulse_.moved = true;
    }
  }
  void flush() {
    if (tls_ != nullptr && !secured_) return;
    while (!unsent_.empty() && stream_.open()) {
      const net::IoResult put = stream_.write(unsent_);
      if (put.status == net::IoStatus::would_block) return;
      if (put.status != net::IoStatus::ok) return unsent_.clear();
      pulse_.moved = true;
      unsent_.erase(0, put.bytes);
    }
  }

  net::Reactor& reactor_;
  Pulse& pulse_;
  std::shared_ptr<const net::TlsClient> tls_;
  net::Stream stream_;
  std::string unsent_;
  bool shaking_ = false;
  bool secured_ = false;
};

/// Doubles every 'a': a body whose length changes on its way.
class Doubling final : public gateway::BodyFilter {
 public:
  Result<void> feed(std::string_view chunk, bool, std::string& out) override {
    for (const char c : chunk) out.append(c == 'a' ? 2 : 1, c);
    return {};
  }
};

class Inspection final : public gateway::Stage {
 public:
  const gateway::StageInfo& info() const override { return info_; }
  Result<gateway::Verdict> run(gateway::Phase phase, gateway::Exchange& exchange, std::size_t index) const override {
    using gateway::Phase;
    const std::string_view path = exchange.request.path;
    if (path.starts_with("/whole")) {
      if (phase == Phase::request_head) exchange.want_request_body(1'000);
      if (phase == Phase::response_head) exchange.want_response_body(1'000);
      if (phase == Phase::request_body) exchange.replace_request_body(std::string(exchange.request.body) + "!");
    }
    if (path.starts_with("/filter")) {
      if (phase == Phase::request_head) exchange.filter_request_body(std::make_unique<Doubling>());
      if (phase == Phase::response_head) exchange.filter_response_body(std::make_unique<Doubling>());
    }
    if (path.starts_with("/wait") && phase != Phase::finished && !std::exchange(exchange.state<Waited>(index).in[int(phase)], true)) {
      exchange.resumer()();  // posted: it comes in a later turn
      return gateway::Verdict::wait;
    }
    return gateway::Verdict::pass;
  }

 private:
  struct Waited final : gateway::StageState {
    std::array<bool, 5> in{};
  };
  gateway::StageInfo info_{"inspection", 31, gateway::OnError::fail_closed};
};

std::shared_ptr<const net::TlsServer> server_tls() {
  static const auto tls = [] {
    const auto made = net::make_self_signed({"localhost"}, 30).value();
    std::array<std::string, 2> files = {"/tmp/bulwark_fuzz_certXXXXXX", "/tmp/bulwark_fuzz_keyXXXXXX"};
    const std::array<const std::string*, 2> texts = {&made.certificate_pem, &made.key_pem};
    for (std::size_t i = 0; i < 2; ++i) {
      const int fd = ::mkstemp(files[i].data());
      CHECK(::write(fd, texts[i]->data(), texts[i]->size()) == static_cast<ssize_t>(texts[i]->size()));
      ::close(fd);
    }
    auto created = net::TlsServer::create({.certificates = {{files[0], files[1]}}, .alpn = {"h2"}}).value();
    for (const auto& file : files) ::unlink(file.c_str());
    return created;
  }();
  return tls;
}

std::shared_ptr<const gateway::Snapshot> snapshot_for(const Endpoint& app) {
  auto upstream = std::make_shared<gateway::UpstreamSettings>();
  upstream->name = "app";
  upstream->servers = {app};
  auto route = std::make_shared<gateway::Route>();
  route->id = "app";
  route->upstream = upstream;
  route->limits = {.max_header_bytes = 8 * 1024, .max_body_bytes = 64 * 1024};
  route->pipeline = gateway::Pipeline({std::make_shared<Inspection>()});
  auto snapshot = std::make_shared<gateway::Snapshot>();
  snapshot->routes = gateway::RouteTable({route});
  snapshot->limits = route->limits;
  return snapshot;
}

/// Plays step after step, each when the one before has come to rest.
class Play {
 public:
  Play(const Script& script, Version version) : script_(script), reactor_(net::Reactor::create(clock_).value()), apps_(*reactor_, pulse_) {
    gateway::ListenerConfig config;
    config.at = Endpoint::parse("127.0.0.1:0").value();
    if (version == Version::http2) config.tls = server_tls();
    server_ = gateway::Server::create(config, snapshot_for(apps_.at()), {reactor_.get()}, {.bus = &bus_, .in_flight = &in_flight_}).value();
    static const auto client_tls = net::TlsClient::create({.verify = false, .alpn = {"h2"}}).value();
    client_ = std::make_unique<Client>(*reactor_, pulse_, server_->bound(), version == Version::http2 ? client_tls : nullptr);
  }

  void run() {
    reactor_->post([this] { turn(); });
    reactor_->run();
    CHECK(server_->counters().open_connections == 0);
    CHECK(in_flight_.size() == 0);
  }

 private:
  void turn() {
    quiet_ = std::exchange(pulse_.moved, false) ? 0 : quiet_ + 1;
    if (quiet_ >= kQuietTurns) {
      quiet_ = 0;
      if (left_) return reactor_->stop();
      next();
    }
    reactor_->post([this] { turn(); });
  }

  void next() {
    if (at_ == script_.size()) {
      left_ = true;
      return client_->leave();
    }
    const Step& step = script_[at_++];
    switch (step.kind) {
      case Step::Kind::send: return client_->send(step.bytes);
      case Step::Kind::pause: return clock_.advance(step.pause);
      case Step::Kind::answer: apps_.answer = step.bytes; return;
      case Step::Kind::half_close: return client_->half_close();
    }
  }

  const Script& script_;
  ManualClock clock_;
  Pulse pulse_;
  Witness bus_;
  std::unique_ptr<net::Reactor> reactor_;
  trace::InFlight in_flight_{1, 0ms, clock_};
  Apps apps_;
  std::unique_ptr<gateway::Server> server_;
  std::unique_ptr<Client> client_;
  std::size_t at_ = 0;
  int quiet_ = 0;
  bool left_ = false;
};

}  // namespace

void play(const Script& script, Version version) { Play(script, version).run(); }

std::uint8_t Parts::byte() {
  if (left_.empty()) return 0;
  const std::uint8_t value = left_.front();
  left_ = left_.subspan(1);
  return value;
}

std::string Parts::text(std::size_t most) {
  const std::size_t size = std::min(most, left_.size());
  std::string out(reinterpret_cast<const char*>(left_.data()), size);
  left_ = left_.subspan(size);
  return out;
}

}  // namespace bulwark::fuzz
