// For tests: an HTTP/2 client that writes each frame itself, so that it can misbehave in every way.
#pragma once

#include <nghttp2/nghttp2.h>

#include <csignal>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/test_peers.h"
#include "net/stream.h"
#include "net/tls.h"

namespace bulwark::gateway::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

class Http2Peer {
 public:
  struct Answer {
    std::string status;
    Fields fields;
    std::string body;
    bool ended = false;
    int reset = -1;  ///< error code of RST_STREAM
    int heads = 0;
    std::string field(std::string_view name) const {
      for (const auto& [key, value] : fields)
        if (key == name) return value;
      return "";
    }
  };

  explicit Http2Peer(const Endpoint& to, bool preface = true) {
    std::signal(SIGPIPE, SIG_IGN);  // a gateway that closes on us is what some tests wait for
    nghttp2_hd_deflate_new(&deflater_, 4096);
    nghttp2_hd_inflate_new(&inflater_);
    stream_ = net::Stream::connect(to).value();
    wait(POLLOUT);
    const auto tls = net::TlsClient::create({.verify = false, .alpn = {"h2"}}).value();
    EXPECT_TRUE(stream_.start_tls_client(tls, "localhost").ok());
    net::IoStatus status;
    while ((status = stream_.handshake()) == net::IoStatus::would_block) wait(POLLIN);
    EXPECT_EQ(status, net::IoStatus::ok);
    EXPECT_EQ(stream_.alpn(), "h2");
    if (!preface) return;
    send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    frame(NGHTTP2_SETTINGS, 0, 0, "");
  }
  ~Http2Peer() {
    nghttp2_hd_deflate_del(deflater_);
    nghttp2_hd_inflate_del(inflater_);
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto put = stream_.write(bytes);
      if (put.status == net::IoStatus::would_block) {
        pollfd poll{stream_.fd(), POLLOUT | POLLIN, 0};
        ::poll(&poll, 1, kPatienceMs);
        (void)read_once();
        continue;
      }
      if (put.status != net::IoStatus::ok) return false;
      bytes.remove_prefix(put.bytes);
    }
    return true;
  }
  static std::string framed(int type, int flags, std::int32_t id, std::string_view payload) {
    const auto size = payload.size();
    std::string out;
    for (const auto each : {size >> 16, size >> 8, size, std::size_t(type), std::size_t(flags)}) out.push_back(static_cast<char>(each));
    return out + number(static_cast<std::uint32_t>(id)) + std::string(payload);
  }
  static std::string number(std::uint32_t value) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
    return out;
  }
  bool frame(int type, int flags, std::int32_t id, std::string_view payload) { return send(framed(type, flags, id, payload)); }

  std::string block(const Fields& fields) {
    std::vector<nghttp2_nv> list;
    const auto bytes = [](const std::string& text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); };
    for (const auto& [name, value] : fields) list.push_back({bytes(name), bytes(value), name.size(), value.size(), 0});
    std::string out(nghttp2_hd_deflate_bound(deflater_, list.data(), list.size()), '\0');
    const auto size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(out.data()), out.size(), list.data(), list.size());
    out.resize(static_cast<std::size_t>(size));
    return out;
  }
  static Fields get(std::string path, Fields more = {}) {
    Fields fields{{":method", "GET"}, {":scheme", "https"}, {":authority", "app.example"}, {":path", std::move(path)}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
  }
  static Fields post(std::string path, Fields more = {}) {
    Fields fields = get(std::move(path), std::move(more));
    fields[0].second = "POST";
    return fields;
  }
  void request(std::int32_t id, const Fields& fields, bool end = true) {
    frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | (end ? NGHTTP2_FLAG_END_STREAM : 0), id, block(fields));
  }
  void data(std::int32_t id, std::string_view bytes, bool end) { frame(NGHTTP2_DATA, end ? NGHTTP2_FLAG_END_STREAM : 0, id, bytes); }
  void reset(std::int32_t id, std::uint32_t code = NGHTTP2_CANCEL) { frame(NGHTTP2_RST_STREAM, 0, id, number(code)); }

  /// How many body bytes may be sent on `id` now, its window having begun at `initial` and the connection's at 65,535.
  std::size_t windows(std::int32_t id, std::size_t initial) {
    const auto left =
        std::min<std::int64_t>(static_cast<std::int64_t>(initial) + granted_[id] - used_[id], 65'535 + granted_[0] - used_[0]);
    return static_cast<std::size_t>(std::max<std::int64_t>(left, 0));
  }
  void use_window(std::int32_t id, std::size_t bytes) {
    used_[id] += static_cast<std::int64_t>(bytes);
    used_[0] += static_cast<std::int64_t>(bytes);
  }

  /// Reads until the stream has ended one way or the other, or the connection has.
  Answer answer(std::int32_t id) {
    while (!answers[id].ended && answers[id].reset < 0 && read_once()) continue;
    return answers[id];
  }
  /// Reads until the gateway closes.
  void to_end() {
    while (read_once()) continue;
  }
  /// False at the end, or when nothing comes for `patience_ms`.
  bool read_once(int patience_ms = kPatienceMs) {
    char bytes[65536];
    const auto got = stream_.read(bytes);
    if (got.status == net::IoStatus::would_block) return wait(POLLIN, patience_ms);
    if (got.status != net::IoStatus::ok) return closed = true, false;
    held_.append(bytes, got.bytes);
    while (take_frame()) continue;
    return true;
  }

  std::map<std::int32_t, Answer> answers;
  std::map<std::uint16_t, std::uint32_t> settings;
  std::vector<std::uint32_t> goaways;  ///< error codes
  int pings = 0;
  bool acknowledge = true;  ///< opens windows as bytes come
  bool closed = false;

 private:
  bool wait(short events, int patience_ms = kPatienceMs) {
    pollfd poll{stream_.fd(), events, 0};
    return ::poll(&poll, 1, patience_ms) == 1;
  }
  static std::uint32_t number_at(std::string_view text) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(text[static_cast<std::size_t>(i)]);
    return value;
  }
  bool take_frame() {
    if (held_.size() < 9) return false;
    const std::size_t size = number_at(held_) >> 8;
    if (held_.size() < 9 + size) return false;
    const int type = held_[3];
    const int flags = static_cast<std::uint8_t>(held_[4]);
    const auto id = static_cast<std::int32_t>(number_at(std::string_view(held_).substr(5)));
    const std::string payload = held_.substr(9, size);
    held_.erase(0, 9 + size);
    on_frame(type, flags, id, payload);
    return true;
  }
  void on_frame(int type, int flags, std::int32_t id, const std::string& payload) {
    Answer& answer = answers[id];
    if (type == NGHTTP2_HEADERS) inflate(answer, payload);
    if (type == NGHTTP2_DATA) answer.body += payload;
    if ((type == NGHTTP2_HEADERS || type == NGHTTP2_DATA) && (flags & NGHTTP2_FLAG_END_STREAM) != 0) answer.ended = true;
    if (type == NGHTTP2_RST_STREAM) answer.reset = static_cast<int>(number_at(payload));
    if (type == NGHTTP2_WINDOW_UPDATE) granted_[id] += number_at(payload);
    if (type == NGHTTP2_GOAWAY) goaways.push_back(number_at(std::string_view(payload).substr(4)));
    if (type == NGHTTP2_PING && (flags & NGHTTP2_FLAG_ACK) != 0) ++pings;
    if (type == NGHTTP2_SETTINGS && (flags & NGHTTP2_FLAG_ACK) == 0) {
      for (std::size_t at = 0; at + 6 <= payload.size(); at += 6)
        settings[static_cast<std::uint16_t>(static_cast<std::uint8_t>(payload[at]) << 8 | static_cast<std::uint8_t>(payload[at + 1]))] =
            number_at(std::string_view(payload).substr(at + 2));
      frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, "");
    }
    if (type == NGHTTP2_DATA && !payload.empty() && acknowledge) {
      frame(NGHTTP2_WINDOW_UPDATE, 0, 0, number(static_cast<std::uint32_t>(payload.size())));
      if (!answer.ended) frame(NGHTTP2_WINDOW_UPDATE, 0, id, number(static_cast<std::uint32_t>(payload.size())));
    }
  }
  void inflate(Answer& answer, const std::string& payload) {
    ++answer.heads;
    const auto* at = reinterpret_cast<const std::uint8_t*>(payload.data());
    std::size_t left = payload.size();
    int flags = 0;
    while (true) {
      nghttp2_nv field{};
      const auto used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
      ASSERT_GE(used, 0);
      at += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        const std::string name(reinterpret_cast<char*>(field.name), field.namelen);
        const std::string value(reinterpret_cast<char*>(field.value), field.valuelen);
        if (name == ":status")
          answer.status = value;
        else
          answer.fields.emplace_back(name, value);
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
  }

  std::map<std::int32_t, std::int64_t> granted_;
  std::map<std::int32_t, std::int64_t> used_;
  net::Stream stream_;
  std::string held_;
  nghttp2_hd_deflater* deflater_ = nullptr;
  nghttp2_hd_inflater* inflater_ = nullptr;
};

/// A TLS snapshot with a fresh certificate for localhost; its files are gone when it is made.
inline std::shared_ptr<const net::TlsServer> test_tls() {
  static const std::shared_ptr<const net::TlsServer> tls = [] {
    const auto made = net::make_self_signed({"localhost"}, 2).value();
    char certificate[] = "/tmp/bulwark_h2_certXXXXXX";
    char key[] = "/tmp/bulwark_h2_keyXXXXXX";
    for (const auto& [path, text] : {std::pair{certificate, &made.certificate_pem}, std::pair{key, &made.key_pem}}) {
      const int fd = ::mkstemp(path);
      EXPECT_EQ(::write(fd, text->data(), text->size()), static_cast<ssize_t>(text->size()));
      ::close(fd);
    }
    auto created = net::TlsServer::create({.certificates = {{certificate, key}}}).value();
    ::unlink(certificate);
    ::unlink(key);
    return created;
  }();
  return tls;
}

}  // namespace bulwark::gateway::testing
