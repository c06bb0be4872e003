// Mapped spool files.
#include "events/segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/check.h"
#include "events/codec.h"
#include "events/crc32c.h"

namespace bulwark::events {
namespace {

constexpr std::string_view kMagic = "BWSPOOL2";

struct Header {
  char magic[8];
  std::uint32_t crc;  // of what follows
  std::uint32_t header_bytes;
  std::uint64_t segment_bytes;
  std::uint64_t first_sequence;
  std::uint8_t reserved[32];
};
static_assert(sizeof(Header) == Segment::kHeaderBytes);
constexpr std::size_t kCrcFrom = offsetof(Header, header_bytes);

struct RecordHeader {
  std::uint32_t length;  // of the payload; written last
  std::uint32_t crc;     // of the file's name, sequence and payload: a file is used again under other names
  std::uint64_t sequence;
};
static_assert(sizeof(RecordHeader) == Segment::kRecordHeaderBytes);

std::uint32_t header_crc(const Header& header) {
  return crc32c(reinterpret_cast<const char*>(&header) + kCrcFrom, sizeof header - kCrcFrom);
}

std::uint32_t record_crc(const std::uint8_t* record, std::size_t size, std::uint32_t name_crc) {
  return crc32c(record + offsetof(RecordHeader, sequence), sizeof(std::uint64_t) + size, name_crc);
}

std::uint32_t crc_of_name(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return crc32c(name.data(), name.size());
}

constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

std::uint32_t load_length(const std::uint8_t* record) {
  return __atomic_load_n(reinterpret_cast<const std::uint32_t*>(record), __ATOMIC_ACQUIRE);
}

void store_length(std::uint8_t* record, std::uint32_t length) {
  __atomic_store_n(reinterpret_cast<std::uint32_t*>(record), length, __ATOMIC_RELEASE);
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

Error no_room(const std::string& path, int why) {
  if (why == ENOSPC || why == EDQUOT || why == EFBIG) return internal_error(Code::exhausted, "no room left on the disk for " + path);
  errno = why;
  return errno_error("allocating " + path);
}

Result<void> allocate(int descriptor, const std::string& path, std::size_t bytes) {
  int why = posix_fallocate(descriptor, 0, static_cast<off_t>(bytes));
  while (why == EINTR) why = posix_fallocate(descriptor, 0, static_cast<off_t>(bytes));
  if (why == 0) return {};
  unlink(path.c_str());
  return no_room(path, why);
}

}  // namespace

Segment::Segment(std::string path, std::uint8_t* data, std::size_t size)
    : path_(std::move(path)), name_crc_(crc_of_name(path_)), data_(data), size_(size) {}

Segment::~Segment() { munmap(data_, size_); }

Result<std::shared_ptr<Segment>> Segment::create(const std::string& path, std::size_t bytes, std::uint64_t first_sequence) {
  CHECK(bytes >= kMinBytes && bytes <= kMaxBytes);
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) {
    if (errno == ENOSPC || errno == EDQUOT) return no_room(path, errno);
    return errno_error("creating " + path);
  }
  TRY(allocate(file.get(), path, bytes));
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) return errno_error("mapping " + path);
#ifdef MADV_POPULATE_WRITE
  // All pages at once, here, rather than one fault after the other while requests are served. A kernel without it faults as ever.
  (void)madvise(data, bytes, MADV_POPULATE_WRITE);
#endif

  std::shared_ptr<Segment> segment(new Segment(path, static_cast<std::uint8_t*>(data), bytes));
  segment->write_header(first_sequence);
  return segment;
}

void Segment::write_header(std::uint64_t first_sequence) {
  Header header{};
  kMagic.copy(header.magic, sizeof header.magic);
  header.header_bytes = sizeof header;
  header.segment_bytes = size_;
  header.first_sequence = first_sequence;
  header.crc = header_crc(header);
  std::memcpy(data_, &header, sizeof header);
}

Result<void> Segment::set_aside(const std::string& path) {
  std::memset(data_, 0, kHeaderBytes);  // first: without it the rest is not read
  std::memset(data_ + kHeaderBytes, 0, std::min(size_, used() + kRecordHeaderBytes) - kHeaderBytes);
  if (rename(path_.c_str(), path.c_str()) != 0) return errno_error("renaming " + path_);
  path_ = path;
  used_.store(kHeaderBytes, std::memory_order_relaxed);
  return {};
}

Result<void> Segment::begin_again(const std::string& path, std::uint64_t first_sequence) {
  if (rename(path_.c_str(), path.c_str()) != 0) return errno_error("renaming " + path_);
  path_ = path;
  name_crc_ = crc_of_name(path);
  write_header(first_sequence);
  return {};
}

Result<std::shared_ptr<Segment>> Segment::open(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat about {};
  if (file.get() < 0 || fstat(file.get(), &about) != 0) return errno_error("opening " + path);
  if (about.st_size == 0) return internal_error(Code::not_found, path + " was never begun");
  const auto bytes = static_cast<std::size_t>(about.st_size);
  if (bytes < kMinBytes || bytes > kMaxBytes) return internal_error(Code::corrupt, path + " has an impossible size");
  void* data = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) return errno_error("mapping " + path);
  std::shared_ptr<Segment> segment(new Segment(path, static_cast<std::uint8_t*>(data), bytes));
  Header header;
  std::memcpy(&header, data, sizeof header);
  static constexpr Header kZero{};
  if (std::memcmp(&header, &kZero, sizeof header) == 0) return internal_error(Code::not_found, path + " was never begun");
  if (std::string_view(header.magic, sizeof header.magic) != kMagic || header.crc != header_crc(header) ||
      header.header_bytes != kHeaderBytes || header.segment_bytes != bytes)
    return internal_error(Code::corrupt, path + " is not a spool segment");
  return segment;
}

std::uint8_t* Segment::reserve(std::size_t size) {
  const std::size_t at = used();
  // Room for one more header is always kept: the end mark.
  if (at + padded(kRecordHeaderBytes + size) + kRecordHeaderBytes > size_) return nullptr;
  return data_ + at + kRecordHeaderBytes;
}

void Segment::commit(std::size_t size, std::uint64_t sequence) {
  const std::size_t at = used();
  std::uint8_t* record = data_ + at;
  std::memcpy(record + offsetof(RecordHeader, sequence), &sequence, sizeof sequence);
  const std::uint32_t crc = record_crc(record, size, name_crc_);
  std::memcpy(record + offsetof(RecordHeader, crc), &crc, sizeof crc);
  used_.store(at + padded(kRecordHeaderBytes + size), std::memory_order_relaxed);
  store_length(record, static_cast<std::uint32_t>(size));
}

void Segment::finish() { store_length(data_ + used(), kEndMark); }

std::optional<Segment::Record> Segment::read(std::size_t offset, bool verify, End& end) const {
  end = End::more_to_come;
  if (offset < kHeaderBytes || offset % 8 != 0 || offset > size_ - kRecordHeaderBytes) {
    end = End::torn;
    return std::nullopt;
  }
  const std::uint8_t* record = data_ + offset;
  const std::uint32_t length = load_length(record);
  if (length == 0) return std::nullopt;
  if (length == kEndMark) {
    end = End::marked;
    return std::nullopt;
  }
  RecordHeader header;
  std::memcpy(&header, record, sizeof header);
  if (length > kMaxEncoded || padded(kRecordHeaderBytes + length) > size_ - kRecordHeaderBytes - offset ||
      (verify && header.crc != record_crc(record, length, name_crc_))) {
    end = End::torn;
    return std::nullopt;
  }
  return Record{header.sequence, {record + kRecordHeaderBytes, length}, offset + padded(kRecordHeaderBytes + length)};
}

std::string Segment::name() const { return path_.substr(path_.rfind('/') + 1); }

std::uint64_t Segment::first_sequence() const {
  std::uint64_t sequence = 0;
  std::memcpy(&sequence, data_ + offsetof(Header, first_sequence), sizeof sequence);
  return sequence;
}

void Segment::remove_file() const { unlink(path_.c_str()); }

}  // namespace bulwark::events
