// POSIX files, with every short read and write looked at.
#include "audit/files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace bulwark::audit {
namespace {

constexpr std::size_t kReadAhead = 512 * 1024;
constexpr std::size_t kReadBack = 64 * 1024;
constexpr std::size_t kMaxSegments = 1'000'000;
constexpr std::string_view kPrefix = "records-";
constexpr std::size_t kDigits = 16;
static_assert(kReadAhead >= 2 * kMaxFrame);

Result<std::size_t> size_of(const File& file, const std::string& path) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return errno_error("cannot look at " + path);
  return static_cast<std::size_t>(status.st_size);
}

Result<void> read_at(const File& file, std::uint64_t offset, std::size_t wanted, std::string& out, const std::string& path) {
  out.resize(wanted);
  std::size_t have = 0;
  while (have < wanted) {
    const ssize_t got = pread(file.get(), out.data() + have, wanted - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("cannot read " + path);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  out.resize(have);
  return {};
}

}  // namespace

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

std::string segment_name(std::uint64_t first) { return fmt::format("{}{:016}", kPrefix, first); }

Result<std::vector<std::uint64_t>> list_segments(const std::string& directory) {
  std::vector<std::uint64_t> found;
  std::error_code failed;
  for (std::filesystem::directory_iterator each(directory, failed), end; !failed && each != end; each.increment(failed)) {
    const std::string name = each->path().filename().string();
    if (name.size() != kPrefix.size() + kDigits || !name.starts_with(kPrefix)) continue;
    std::uint64_t first = 0;
    const auto [last, wrong] = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), first);
    if (wrong != std::errc() || last != name.data() + name.size()) continue;
    found.push_back(first);
    if (found.size() > kMaxSegments) return internal_error(Code::too_large, "more segments than an audit log has: " + directory);
  }
  if (failed) return internal_error(Code::io, "cannot read " + directory + ": " + failed.message());
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) {
    Error error = errno_error("cannot open " + path);
    if (errno == ENOENT) error.code = Code::not_found;
    return error;
  }
  const std::size_t size = TRY(size_of(file, path));
  if (size > limit) return internal_error(Code::too_large, path + " is longer than it can be");
  std::string content;
  TRY(read_at(file, 0, size, content, path));
  return content;
}

Result<void> replace_file(const std::string& path, std::string_view content) {
  const std::string fresh = path + ".new";
  {
    const File file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.open()) return errno_error("cannot write " + fresh);
    TRY(write_at(file, content, 0, fresh));
    if (fsync(file.get()) != 0) return errno_error("cannot write " + fresh);
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) return errno_error("cannot write " + path);
  return {};
}

Result<void> write_at(const File& file, std::string_view bytes, std::uint64_t offset, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return errno_error("cannot write " + path);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::size_t>(put);
  }
  return {};
}

Result<void> sync_directory(const std::string& directory) {
  const File folder(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open() || fsync(folder.get()) != 0) return errno_error("cannot sync " + directory);
  return {};
}

Result<SegmentReader> SegmentReader::open(const std::string& directory, std::uint64_t first) {
  const std::string path = directory + "/" + segment_name(first);
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return errno_error("cannot open " + path);
  const std::size_t size = TRY(size_of(file, path));
  if (size > kMaxSegmentBytes + kZeroedAhead) return internal_error(Code::corrupt, path + " is longer than a segment can be");
  SegmentReader reader(std::move(file), segment_name(first), size);
  const auto header = read_header(TRY(reader.peek(kSegmentHeaderBytes)));
  if (!header) return internal_error(Code::corrupt, reader.name_ + " does not begin as a segment does");
  reader.header_ = *header;
  reader.offset_ = kSegmentHeaderBytes;
  TRY(reader.find_written());
  return reader;
}

/// Goes back over zeros from the end of the file.
Result<void> SegmentReader::find_written() {
  std::string bytes;
  for (written_ = size_; written_ > kSegmentHeaderBytes;) {
    const std::uint64_t from = std::max<std::uint64_t>(kSegmentHeaderBytes, written_ - std::min<std::uint64_t>(written_, kReadBack));
    TRY(read_at(file_, from, static_cast<std::size_t>(written_ - from), bytes, name_));
    const auto last = bytes.find_last_not_of('\0');
    if (last != std::string::npos) {
      written_ = from + last + 1;
      return {};
    }
    written_ = from;
  }
  return {};
}

Result<std::string_view> SegmentReader::peek(std::size_t bytes) {
  const std::uint64_t left = offset_ >= size_ ? 0 : size_ - offset_;
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, left));
  if (offset_ < buffer_at_ || offset_ + wanted > buffer_at_ + buffer_.size()) {
    buffer_at_ = offset_;
    TRY(read_at(file_, offset_, static_cast<std::size_t>(std::min<std::uint64_t>(kReadAhead, left)), buffer_, name_));
  }
  const std::size_t at = static_cast<std::size_t>(offset_ - buffer_at_);
  return std::string_view(buffer_).substr(std::min(at, buffer_.size()), wanted);
}

Result<FrameStatus> SegmentReader::next(Frame& out) {
  if (at_end()) return FrameStatus::incomplete;
  const FrameStatus status = read_frame(TRY(peek(kMaxFrame)), out);
  if (status == FrameStatus::whole) offset_ += out.bytes;
  return status;
}

}  // namespace bulwark::audit
