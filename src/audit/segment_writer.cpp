// O_DIRECT wants memory, offset and size aligned to blocks: the last block of what is there is kept, and written again with what follows.
#include "audit/segment_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace bulwark::audit {
namespace {

std::uint64_t block_of(std::uint64_t offset) { return offset / SegmentWriter::kBlock * SegmentWriter::kBlock; }
std::uint64_t block_after(std::uint64_t offset) { return block_of(offset + SegmentWriter::kBlock - 1); }

}  // namespace

Result<SegmentWriter> SegmentWriter::open(std::string path, std::uint64_t end) {
  SegmentWriter writer;
  writer.path_ = std::move(path);
  writer.end_ = end;
  writer.zeroed_ = end;
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC;
  writer.file_ = File(::open(writer.path_.c_str(), kFlags | O_DIRECT, 0600));
  writer.direct_ = writer.file_.open();
  if (!writer.direct_) writer.file_ = File(::open(writer.path_.c_str(), kFlags, 0600));  // not every file system has it
  if (!writer.file_.open()) return errno_error("cannot open " + writer.path_);
  writer.buffer_.reset(static_cast<char*>(std::aligned_alloc(kBlock, kPiece)));
  if (writer.buffer_ == nullptr) return internal_error(Code::exhausted, "no memory to write " + writer.path_);
  const std::size_t known = end - block_of(end);
  if (known == 0) return writer;
  const ssize_t got = ::pread(writer.file_.get(), writer.buffer_.get(), kBlock, static_cast<off_t>(block_of(end)));
  if (got < static_cast<ssize_t>(known)) return errno_error("cannot read " + writer.path_);
  writer.tail_.assign(writer.buffer_.get(), known);
  return writer;
}

Result<void> SegmentWriter::append(std::string_view bytes, bool ahead) {
  const bool in_place = end_ + bytes.size() <= zeroed_;
  TRY(write(bytes, in_place ? RWF_DSYNC : 0));
  const std::uint64_t end = end_ + bytes.size();
  std::uint64_t zeroed = std::max(zeroed_, block_after(end));
  if (!in_place) {
    if (ahead && zero_ahead(zeroed)) zeroed += kZeroedAhead;
    if (::fdatasync(file_.get()) != 0) return errno_error("cannot sync " + path_);
  }
  if (block_of(end) == block_of(end_))
    tail_.append(bytes);
  else
    tail_ = bytes.substr(bytes.size() - (end - block_of(end)));
  end_ = end;
  zeroed_ = zeroed;
  return {};
}

/// The block that `end_` is in, with `bytes` behind what it holds, and as many more as they fill.
Result<void> SegmentWriter::write(std::string_view bytes, int flags) {
  std::string_view before = tail_;
  std::uint64_t offset = block_of(end_);
  while (!bytes.empty()) {
    std::memcpy(buffer_.get(), before.data(), before.size());
    const std::size_t taken = std::min(bytes.size(), kPiece - before.size());
    std::memcpy(buffer_.get() + before.size(), bytes.data(), taken);
    const std::size_t used = before.size() + taken;
    const std::size_t whole = block_after(used);
    std::memset(buffer_.get() + used, 0, whole - used);
    TRY(write_piece(whole, offset, flags));
    bytes.remove_prefix(taken);
    offset += whole;
    before = {};
  }
  return {};
}

Result<void> SegmentWriter::write_piece(std::size_t size, std::uint64_t offset, int flags) {
  for (std::size_t done = 0; done < size;) {
    const iovec part{buffer_.get() + done, size - done};
    const ssize_t put = ::pwritev2(file_.get(), &part, 1, static_cast<off_t>(offset + done), flags);
    if (put > 0) {
      done += static_cast<std::size_t>(put);
    } else if (put < 0 && errno == EINVAL && direct_) {
      // It was promised when the file was opened, but not for such blocks.
      direct_ = false;
      if (::fcntl(file_.get(), F_SETFL, 0) != 0) return errno_error("cannot write " + path_);
    } else if (put == 0 || errno != EINTR) {
      return errno_error("cannot write " + path_);
    }
  }
  return {};
}

/// False: there is no room for it, which a record may still have.
bool SegmentWriter::zero_ahead(std::uint64_t from) {
  std::memset(buffer_.get(), 0, kPiece);
  for (std::size_t done = 0; done < kZeroedAhead; done += kPiece)
    if (!write_piece(kPiece, from + done, 0).ok()) return false;
  return true;
}

Result<void> SegmentWriter::finish() {
  if (!file_.open()) return {};
  if (::ftruncate(file_.get(), static_cast<off_t>(end_)) != 0 || ::fsync(file_.get()) != 0) return errno_error("cannot cut " + path_);
  zeroed_ = end_;
  return {};
}

}  // namespace bulwark::audit
