// The bytes of an audit log's segment files: a header, then frames, each a record or a signed checkpoint with its hash behind it.
// Pure reading and writing; the format is docs/formats/audit.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/merkle.h"

namespace bulwark::audit {

inline constexpr std::size_t kSegmentHeaderBytes = 64;
inline constexpr std::size_t kFrameHeaderBytes = 16;
inline constexpr std::size_t kFrameOverhead = kFrameHeaderBytes + sizeof(Hash);
inline constexpr std::size_t kMaxBody = 16 * 1024;  ///< of a record or a note
inline constexpr std::size_t kMaxFrame = kFrameOverhead + kMaxBody;
/// A segment holds so many records and no more: with that a record's file follows from its number, and a full segment is one
/// subtree of the Merkle tree.
inline constexpr unsigned kSegmentHeight = 16;
inline constexpr std::uint64_t kSegmentRecords = std::uint64_t{1} << kSegmentHeight;
inline constexpr std::size_t kZeroedAhead = 1024 * 1024;  ///< behind the last frame of the segment that is being written
inline constexpr std::size_t kMaxSegmentBytes = kSegmentHeaderBytes + 2 * kSegmentRecords * kMaxFrame;  ///< a checkpoint after each record

enum class FrameKind : std::uint8_t { record = 1, checkpoint = 2 };

struct Frame {
  FrameKind kind = FrameKind::record;
  std::uint64_t number = 0;  ///< of the record; of a checkpoint: how many records it covers
  std::string_view body;
  Hash hash{};  ///< as stored
  std::size_t bytes = 0;
};

enum class FrameStatus : std::uint8_t {
  whole,
  incomplete,  ///< the bytes end before the frame does
  malformed,   ///< no frame of ours begins like this
};
/// Reads the frame at the front of `bytes`; its hash is not checked.
FrameStatus read_frame(std::string_view bytes, Frame& out);
void write_frame(std::string& out, FrameKind kind, std::uint64_t number, std::string_view body, const Hash& hash);

/// A record as the Merkle tree has it: number (8, little-endian) ‖ hash of the record before (32) ‖ body.
std::string entry(std::uint64_t number, const Hash& previous, std::string_view body);
/// Leaf hash of that entry.
Hash record_hash(std::uint64_t number, const Hash& previous, std::string_view body);
Hash note_hash(std::string_view note);  ///< of a checkpoint's frame

struct SegmentHeader {
  std::uint64_t first = 0;  ///< number of its first record
  Hash previous{};          ///< hash of the record before that; zeros before record 0
};
std::string write_header(const SegmentHeader& header);
std::optional<SegmentHeader> read_header(std::string_view bytes);  ///< nothing: not ours

}  // namespace bulwark::audit
