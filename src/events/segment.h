// One spool file, mapped into memory: a header, then records until a zero length or the end mark. Written by one thread,
// read by others while it is being written, and by the next process after a kill -9. Format: docs/formats/spool.md.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::events {

class Segment {
 public:
  static constexpr std::size_t kHeaderBytes = 64;
  static constexpr std::size_t kRecordHeaderBytes = 16;  ///< length, CRC, sequence
  static constexpr std::uint32_t kEndMark = 0xffffffff;  ///< in place of a length: go on with the next segment
  static constexpr std::size_t kMinBytes = 256 * 1024;
  static constexpr std::size_t kMaxBytes = 1024 * 1024 * 1024;

  /// All its blocks are allocated here, so that a full disk is an `exhausted` Error now and never a SIGBUS later.
  static Result<std::shared_ptr<Segment>> create(const std::string& path, std::size_t bytes, std::uint64_t first_sequence);
  /// This segment's file, blocks and mapping as a new, empty segment under another name. Nobody else may hold this one any more.
  Result<void> begin_again(const std::string& path, std::uint64_t first_sequence);
  /// An earlier process's file, read-only. Errors: `corrupt` for a header that is not ours; `not_found` for a file whose
  /// maker was killed before its header was written.
  static Result<std::shared_ptr<Segment>> open(const std::string& path);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  struct Record {
    std::uint64_t sequence = 0;
    std::span<const std::uint8_t> payload;
    std::size_t next = 0;  ///< offset of the record after this one
  };
  enum class End { more_to_come, marked, torn };

  /// Where the payload of a record of `size` bytes goes, or nullptr when it does not fit any more. Writer only.
  std::uint8_t* reserve(std::size_t size);
  /// Makes the reserved record visible to readers, whole. Writer only.
  void commit(std::size_t size, std::uint64_t sequence);
  /// No more records: readers go on with the next segment. Writer only.
  void finish();

  /// The record at `offset`, or nullopt with the reason in `end`. `verify` checks the CRC: what another process wrote may
  /// be torn by a power loss; what this process wrote is visible only when it is whole.
  std::optional<Record> read(std::size_t offset, bool verify, End& end) const;

  const std::string& path() const { return path_; }
  std::string name() const;  ///< the file's name: what positions are kept under
  std::size_t bytes() const { return size_; }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t first_sequence() const;
  /// Empties it for begin_again(). From here on an earlier process's reader would find a segment that was never begun.
  Result<void> set_aside(const std::string& path);
  void remove_file() const;

 private:
  Segment(std::string path, std::uint8_t* data, std::size_t size);
  void write_header(std::uint64_t first_sequence);
  std::string path_;
  std::uint32_t name_crc_;
  std::uint8_t* data_;
  std::size_t size_;
  std::atomic<std::size_t> used_{kHeaderBytes};  ///< the writer's; readers only ask how full it is
};

}  // namespace bulwark::events
