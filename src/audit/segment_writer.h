// The segment file that is being written. Each group of records is one durable write, straight from memory (O_DIRECT) and, where somebody
// waits for it, into blocks that were zeroed ahead: such a write changes nothing that a file system would have to put into its journal, and
// costs it half as much. What the disk was told to keep is never written again, but for the records that share its last block, unchanged.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "audit/files.h"
#include "base/result.h"

namespace bulwark::audit {

class SegmentWriter {
 public:
  static constexpr std::size_t kBlock = 4096;        ///< what direct writes are multiples of
  static constexpr std::size_t kPiece = 256 * 1024;  ///< written at once

  SegmentWriter() = default;
  /// Goes on at `end`, with nothing in the file behind it. Made if it is not there.
  static Result<SegmentWriter> open(std::string path, std::uint64_t end);

  /// Durable when it returns. After an Error the same bytes may be tried again. `ahead`: more will follow that is waited for.
  Result<void> append(std::string_view bytes, bool ahead);
  /// Cuts off what was zeroed ahead. The writer can still be used.
  Result<void> finish();

 private:
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };
  Result<void> write(std::string_view bytes, int flags);
  Result<void> write_piece(std::size_t size, std::uint64_t offset, int flags);
  bool zero_ahead(std::uint64_t from);

  std::string path_;
  File file_;
  std::unique_ptr<char, Free> buffer_;  ///< of kPiece bytes, aligned
  std::string tail_;                    ///< the records' bytes in the block that `end_` is in
  std::uint64_t end_ = 0;
  std::uint64_t zeroed_ = 0;  ///< from `end_` to here the file holds zeros
  bool direct_ = false;
};

}  // namespace bulwark::audit
