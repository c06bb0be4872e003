// Blocks lent and returned; bytes kept in order across partial reads and writes.
#include "gateway/edge/buffer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace bulwark::gateway {

Block BlockPool::take(std::size_t at_least) {
  if (at_least <= kBlockBytes && !kept_.empty()) {
    Block block = std::move(kept_.back());
    kept_.pop_back();
    return block;
  }
  const std::size_t capacity = std::max(at_least, kBlockBytes);
  return {std::unique_ptr<char[]>(new char[capacity]), capacity};
}

void BlockPool::give_back(Block block) {
  if (block.capacity == kBlockBytes && kept_.size() < kMaxKept) kept_.push_back(std::move(block));
}

void Inbox::replace(BlockPool& pool, std::size_t capacity) {
  Block bigger = pool.take(capacity);
  const std::size_t held = end_ - begin_;
  if (held > 0) std::memcpy(bigger.data.get(), block_.data.get() + begin_, held);
  if (floor_ > 0) {
    pinned_block_ = std::move(block_);
    floor_ = 0;
  } else if (block_) {
    pool.give_back(std::move(block_));
  }
  block_ = std::move(bigger);
  begin_ = 0;
  end_ = held;
}

std::span<char> Inbox::space(BlockPool& pool, std::size_t max_bytes) {
  if (!block_) replace(pool, BlockPool::kBlockBytes);
  const std::size_t held = end_ - begin_;
  if (held >= max_bytes) return {};
  if (begin_ == end_) {
    begin_ = end_ = floor_;
  } else if (begin_ > floor_ && block_.capacity - end_ < kMinSpace) {
    std::memmove(block_.data.get() + floor_, block_.data.get() + begin_, held);
    begin_ = floor_;
    end_ = floor_ + held;
  }
  if (block_.capacity - end_ < kMinSpace)
    replace(pool, std::max(BlockPool::kBlockBytes, std::min(max_bytes + kMinSpace, 2 * (held + kMinSpace))));
  return {block_.data.get() + end_, std::min(block_.capacity - end_, max_bytes - held)};
}

void Inbox::consume(std::size_t bytes) {
  CHECK(bytes <= end_ - begin_);
  begin_ += bytes;
}

void Inbox::pin(std::size_t bytes) {
  CHECK(floor_ == 0 && !pinned_block_);
  consume(bytes);
  floor_ = begin_;
}

void Inbox::unpin(BlockPool& pool) {
  if (pinned_block_) pool.give_back(std::move(pinned_block_));
  pinned_block_ = {};
  floor_ = 0;
}

void Inbox::shrink(BlockPool& pool) {
  if (!empty() || floor_ > 0 || !block_) return;
  pool.give_back(std::move(block_));
  block_ = {};
  begin_ = end_ = 0;
}

void Inbox::clear(BlockPool& pool) {
  unpin(pool);
  begin_ = end_ = 0;
  shrink(pool);
}

char* Outbox::reserve(BlockPool& pool, std::size_t bytes) {
  if (block_ && block_.capacity - end_ >= bytes) return block_.data.get() + end_;
  const std::size_t held = size();
  if (block_ && block_.capacity - held >= bytes) {
    std::memmove(block_.data.get(), block_.data.get() + begin_, held);
  } else {
    Block bigger = pool.take(std::max(held + bytes, 2 * held));
    if (held > 0) std::memcpy(bigger.data.get(), block_.data.get() + begin_, held);
    if (block_) pool.give_back(std::move(block_));
    block_ = std::move(bigger);
  }
  begin_ = 0;
  end_ = held;
  return block_.data.get() + end_;
}

void Outbox::append(BlockPool& pool, std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(reserve(pool, bytes.size()), bytes.data(), bytes.size());
  commit(bytes.size());
}

void Outbox::drop(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

/// A short body goes behind its head: a copy costs less than a vector of parts. False if there is no room, or too much to copy.
bool Outbox::join_short(std::span<const std::string_view> parts) {
  constexpr std::size_t kShort = 4 * 1024;
  std::size_t bytes = 0;
  for (const auto& part : parts) bytes += part.size();
  if (bytes > kShort || bytes > block_.capacity - end_) return false;
  for (const auto& part : parts) {
    if (!part.empty()) std::memcpy(block_.data.get() + end_, part.data(), part.size());
    end_ += part.size();
  }
  return true;
}

net::IoStatus Outbox::send_waiting(BlockPool& pool, net::Stream& stream) {
  net::IoStatus status = net::IoStatus::ok;
  while (size() > 0) {
    const net::IoResult written = stream.write(pending());
    status = written.status;
    if (status != net::IoStatus::ok) break;
    drop(written.bytes);
    if (size() > 0 && !stream.encrypted()) {
      status = net::IoStatus::would_block;  // the socket's buffer is full: asking again would only say so
      break;
    }
  }
  if (size() == 0) clear(pool);
  return status;
}

net::IoStatus Outbox::send(BlockPool& pool, net::Stream& stream, std::span<const std::string_view> more) {
  CHECK(more.size() <= kMaxParts);
  if (size() > 0 && join_short(more)) more = {};
  if (more.empty()) return send_waiting(pool, stream);
  std::array<std::string_view, kMaxParts> rest;
  std::copy(more.begin(), more.end(), rest.begin());
  net::IoStatus status = net::IoStatus::ok;
  while (true) {
    std::array<iovec, kMaxParts + 1> parts;
    std::size_t count = 0;
    std::size_t total = size();
    if (total > 0) parts[count++] = {block_.data.get() + begin_, total};
    for (const auto& each : rest) {
      if (each.empty()) continue;
      parts[count++] = {const_cast<char*>(each.data()), each.size()};
      total += each.size();
    }
    if (count == 0) break;
    const net::IoResult written =
        count == 1 ? stream.write({static_cast<const char*>(parts[0].iov_base), parts[0].iov_len}) : stream.writev({parts.data(), count});
    status = written.status;
    if (status != net::IoStatus::ok) break;
    std::size_t taken = std::min(written.bytes, size());
    drop(taken);
    for (auto& each : rest) {
      const std::size_t from_this = std::min(written.bytes - taken, each.size());
      each.remove_prefix(from_this);
      taken += from_this;
    }
    if (!stream.encrypted() && written.bytes < total) {
      status = net::IoStatus::would_block;
      break;
    }
  }
  if (status == net::IoStatus::would_block)
    for (const auto& each : rest) append(pool, each);
  if (size() == 0) clear(pool);
  return status;
}

void Outbox::clear(BlockPool& pool) {
  if (block_) pool.give_back(std::move(block_));
  block_ = {};
  begin_ = end_ = 0;
}

}  // namespace bulwark::gateway
