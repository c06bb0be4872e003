// All spools of the process: publishers are added at any time, the bus and the keeper walk over them.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "events/spool.h"

namespace bulwark::events {

/// Decodes what this process itself encoded; anything else stops the process.
Event decode_own(std::span<const std::uint8_t> payload);

class SpoolList {
 public:
  static constexpr std::size_t kMaxSpools = 1024;

  std::uint32_t next_index();
  Result<Publisher*> add(std::unique_ptr<Spool> spool);
  /// The i-th spool or nullptr; `cursors` grows to have a place for it.
  Spool* at(std::size_t i, std::vector<Spool::Cursor>& cursors) const;
  bool all_read(const std::vector<Spool::Cursor>& cursors) const;
  std::vector<std::uint64_t> published() const;

  /// Gives every spool that is half full its next segment. Errors: the first one.
  Result<void> prepare();
  /// The dispatcher's place in the i-th spool: the keeper frees nothing that it still needs.
  void note_dispatched(std::size_t i, const Spool::Cursor& cursor);
  /// Frees what both have passed, given the keeper's place.
  void release(std::size_t i, const Spool::Cursor& kept, std::vector<std::string>& released);
  void release_all();

 private:
  struct Member {
    std::unique_ptr<Spool> spool;
    Spool::Cursor dispatched;
  };
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Member>> members_;
  std::uint32_t indices_ = 0;
};

}  // namespace bulwark::events
