// Edge-triggered reading and writing: a readiness is remembered until the stream says would_block.
#include "database/leg.h"

#include <array>

namespace bulwark::database {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kKeepCapacity = 64 * 1024;

}  // namespace

Result<void> Leg::open(net::Stream stream) {
  stream_ = std::move(stream);
  return reactor_.add(stream_.fd(), *this);
}

void Leg::close() {
  if (!stream_.open()) return;
  reactor_.remove(stream_.fd(), *this);
  stream_.close();
}

Result<void> Leg::start_tls_server(std::shared_ptr<const net::TlsServer> tls) {
  handshaking_ = true;
  return stream_.start_tls_server(std::move(tls));
}

Result<void> Leg::start_tls_client(std::shared_ptr<const net::TlsClient> tls) {
  handshaking_ = true;
  return stream_.start_tls_client(std::move(tls), "");
}

void Leg::on_ready(net::Readiness readiness) {
  readable_ |= readiness.readable || readiness.hung_up;
  hung_up_ |= readiness.hung_up;
  writable_ |= readiness.writable || readiness.hung_up;
  const auto listener = on_ready_;  // it may name another one, or end this leg
  listener();
}

bool Leg::handshake() {
  const net::IoStatus status = stream_.handshake();
  if (status == net::IoStatus::would_block) return false;
  handshaking_ = false;
  if (status != net::IoStatus::ok) failed_ = ended_ = true;
  readable_ = writable_ = true;
  return true;
}

bool Leg::fill(std::size_t limit) {
  if (!stream_.open() || ended_ || failed_) return false;
  if (handshaking_) return handshake();
  if (!readable_ || in.size() >= limit) return false;
  thread_local std::array<char, kChunk> chunk;
  const net::IoResult got = stream_.read(chunk);
  switch (got.status) {
    case net::IoStatus::ok:
      in.append({chunk.data(), got.bytes});
      if (got.drained && !hung_up_) readable_ = false;  // the next byte is a new readiness; its end has had its own
      return true;
    case net::IoStatus::would_block: readable_ = false; return false;
    case net::IoStatus::closed: ended_ = true; return true;
    case net::IoStatus::failed: failed_ = ended_ = true; return true;
  }
  return false;
}

bool Leg::flush() {
  if (!stream_.open() || handshaking_ || failed_ || held_) return false;
  bool moved = false;
  while (!drained() && writable_) {
    const net::IoResult sent = stream_.write(std::string_view(out).substr(out_at_));
    if (sent.status == net::IoStatus::would_block) {
      writable_ = false;
    } else if (sent.status == net::IoStatus::ok) {
      out_at_ += sent.bytes;
      moved = true;
    } else {
      failed_ = true;
      return true;
    }
  }
  if (drained() && !out.empty()) {
    out_at_ = 0;
    if (out.capacity() > kKeepCapacity)
      std::string().swap(out);
    else
      out.clear();
  } else if (out_at_ >= kChunk) {
    out.erase(0, out_at_);
    out_at_ = 0;
  }
  return moved;
}

}  // namespace bulwark::database
