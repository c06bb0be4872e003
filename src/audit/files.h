// The files of an audit log's directory: how they are named, found, read in pieces and replaced whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/frame.h"
#include "base/result.h"

namespace bulwark::audit {

inline constexpr std::string_view kCheckpointFile = "checkpoint";  ///< the newest signed note
inline constexpr std::string_view kRootsFile = "roots";            ///< 32 bytes for each full segment
inline constexpr std::string_view kKeyFile = "key";                ///< the verifier key, in text

/// An open file that closes itself.
class File {
 public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File();
  File(File&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  File& operator=(File&& other) noexcept;
  int get() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

std::string segment_name(std::uint64_t first);  ///< "records-0000000000065536"
/// The numbers of the first records of the segments in `directory`, ascending. Other files are left alone.
Result<std::vector<std::uint64_t>> list_segments(const std::string& directory);

/// Errors: `not_found`; `too_large` past `limit`; `io`.
Result<std::string> read_file(const std::string& path, std::size_t limit);
/// Through a new file that takes the old one's place; on disk when it returns. Mode 0600.
Result<void> replace_file(const std::string& path, std::string_view content);
/// All of `bytes` at `offset`, or an Error.
Result<void> write_at(const File& file, std::string_view bytes, std::uint64_t offset, const std::string& path);
Result<void> sync_directory(const std::string& directory);

/// Goes through one segment's frames with a bounded buffer.
class SegmentReader {
 public:
  /// Errors: `corrupt` for a header that is not ours; `io`.
  static Result<SegmentReader> open(const std::string& directory, std::uint64_t first);

  const SegmentHeader& header() const { return header_; }
  const std::string& name() const { return name_; }
  std::uint64_t offset() const { return offset_; }  ///< of the frame that next() gives next
  /// Up to where something stood when the file was opened: behind it were zeros, if anything.
  std::uint64_t written() const { return written_; }
  bool at_end() const { return offset_ >= written_; }

  /// `out` is valid until the next call. `incomplete` is the end of what is written.
  Result<FrameStatus> next(Frame& out);
  /// Goes on behind `bytes` of what next() could not read.
  void skip(std::size_t bytes) { offset_ += bytes; }

 private:
  SegmentReader(File file, std::string name, std::uint64_t size) : file_(std::move(file)), name_(std::move(name)), size_(size) {}
  Result<std::string_view> peek(std::size_t bytes);
  Result<void> find_written();
  File file_;
  std::string name_;
  std::uint64_t size_;  ///< of the file, when it was opened
  std::uint64_t written_ = 0;
  SegmentHeader header_;
  std::uint64_t offset_ = 0;
  std::string buffer_;
  std::uint64_t buffer_at_ = 0;  ///< offset in the file of the buffer's first byte
};

}  // namespace bulwark::audit
