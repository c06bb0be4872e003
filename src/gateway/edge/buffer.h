// Memory that connections borrow while bytes are on their way and give back when idle: an idle connection holds none.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "net/stream.h"

namespace bulwark::gateway {

struct Block {
  std::unique_ptr<char[]> data;
  std::size_t capacity = 0;
  explicit operator bool() const { return capacity != 0; }
};

/// One a worker.
class BlockPool {
 public:
  static constexpr std::size_t kBlockBytes = 16 * 1024;
  static constexpr std::size_t kMaxKept = 512;  ///< 8 MiB a worker

  Block take(std::size_t at_least = kBlockBytes);
  void give_back(Block block);  ///< odd sizes are freed

 private:
  std::vector<Block> kept_;
};

/// What was received and not used yet. A head that was parsed in place stays where it is while body bytes come and go behind it.
class Inbox {
 public:
  /// Where the next read goes; empty when `max_bytes` are held already. May move unpinned bytes.
  std::span<char> space(BlockPool& pool, std::size_t max_bytes);
  void received(std::size_t bytes) { end_ += bytes; }
  std::string_view unread() const { return {block_.data.get() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes);
  /// The first `bytes` of unread() are consumed and stay in place until unpin().
  void pin(std::size_t bytes);
  void unpin(BlockPool& pool);
  bool empty() const { return begin_ == end_; }
  /// Gives all memory back if nothing is held.
  void shrink(BlockPool& pool);
  void clear(BlockPool& pool);

 private:
  static constexpr std::size_t kMinSpace = 4 * 1024;  // less is not worth a read
  void replace(BlockPool& pool, std::size_t capacity);

  Block block_;
  Block pinned_block_;     // when the pinned bytes no longer share a block with what follows
  std::size_t floor_ = 0;  // end of the pinned bytes in block_
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// What waits to be sent, in order.
class Outbox {
 public:
  char* reserve(BlockPool& pool, std::size_t bytes);  ///< room behind what waits; then commit()
  void commit(std::size_t bytes) { end_ += bytes; }
  void append(BlockPool& pool, std::string_view bytes);
  std::size_t size() const { return end_ - begin_; }
  std::string_view pending() const { return {block_.data.get() + begin_, size()}; }
  /// Writes what waits and then `more` (at most kMaxParts), in one call if the socket takes it; keeps what it does not take.
  static constexpr std::size_t kMaxParts = 4;
  net::IoStatus send(BlockPool& pool, net::Stream& stream, std::span<const std::string_view> more = {});
  void clear(BlockPool& pool);

 private:
  void drop(std::size_t bytes);
  bool join_short(std::span<const std::string_view> parts);
  net::IoStatus send_waiting(BlockPool& pool, net::Stream& stream);
  Block block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace bulwark::gateway
