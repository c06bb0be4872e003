// What an audit log does at its start: goes through the newest segment, compares it with what was last signed, and cuts off what a
// kill or a power loss left half written. Nothing that was ever signed is cut off: then somebody else was here, and open() refuses.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "audit/log.h"

namespace bulwark::audit {
namespace {

constexpr std::size_t kMaxRoots = 32 * 1024 * 1024;

Error tampered(const std::string& what) {
  return internal_error(Code::corrupt, "the audit log is not what was signed: " + what + "; `bulwark audit verify` says more");
}

/// Whether `frame`, whose hash does not hold, was changed and not torn: it is whole and the next record stands behind it. What a power
/// loss leaves has blocks of zeros, and a record has no zero in it.
Result<bool> edited(SegmentReader& reader, const Frame& frame) {
  const std::uint64_t number = frame.number;
  if (frame.body.find('\0') != std::string_view::npos) return false;
  Frame next;
  while (TRY(reader.next(next)) == FrameStatus::whole)
    if (next.kind == FrameKind::record) return next.number == number + 1;
  return false;
}

}  // namespace

Result<std::unique_ptr<Log>> Log::open(LogSettings settings, crypto::SigningKey key, const Clock& clock) {
  if (!valid_origin(settings.origin)) return config_error("audit origin: printable, without spaces and '+'");
  std::error_code failed;
  std::filesystem::create_directories(settings.directory, failed);
  if (failed || chmod(settings.directory.c_str(), 0700) != 0) return errno_error("cannot make the directory " + settings.directory);
  std::unique_ptr<Log> made(new Log(std::move(settings), std::move(key), clock));
  const std::string lock = made->settings_.directory + "/lock";
  made->lock_ = File(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!made->lock_.open()) return errno_error("cannot open " + lock);
  if (flock(made->lock_.get(), LOCK_EX | LOCK_NB) != 0)
    return internal_error(Code::conflict, "another process writes the audit log in " + made->settings_.directory);
  TRY(made->recover());
  const std::string key_file = made->settings_.directory + "/" + std::string(kKeyFile);
  const std::string key_text = made->verifier_.text() + "\n";
  if (read_file(key_file, kMaxNote).value_or("") != key_text) TRY(replace_file(key_file, key_text));
  made->signed_at_ = clock.mono() - made->settings_.sign_every;
  return made;
}

Result<void> Log::recover() {
  const auto segments = TRY(list_segments(settings_.directory));
  if (!segments.empty()) return recover_segments(segments);
  if (std::filesystem::exists(settings_.directory + "/" + std::string(kCheckpointFile)))
    return tampered("there is a checkpoint and no record");
  return new_segment(0);
}

Result<void> Log::recover_segments(const std::vector<std::uint64_t>& segments) {
  std::optional<Checkpoint> newest;
  const auto note = read_file(settings_.directory + "/" + std::string(kCheckpointFile), kMaxNote);
  if (note.ok()) {
    auto opened = verifier_.open(*note);
    if (!opened.ok()) return tampered("its checkpoint has " + opened.error().message + " (was the master key or the origin changed?)");
    newest = *opened;
  } else if (note.error().code != Code::not_found) {
    return note.error();
  }
  for (std::size_t i = 1; i < segments.size(); ++i)
    if (segments[i] != segments[i - 1] + kSegmentRecords) return tampered(segment_name(segments[i - 1] + kSegmentRecords) + " is missing");

  auto roots = read_file(settings_.directory + "/" + std::string(kRootsFile), kMaxRoots);
  const std::string known = roots.ok() ? *roots : std::string();
  if (known.size() / sizeof(Hash) < segments.back() / kSegmentRecords) return tampered("`roots` is too short");
  for (std::uint64_t i = 0; i < segments.back() / kSegmentRecords; ++i) {
    Hash root;
    std::copy_n(known.data() + i * sizeof(Hash), sizeof(Hash), reinterpret_cast<char*>(root.data()));
    closed_.append_subtree(root, kSegmentHeight);
  }
  // A kill between making a file and writing its header leaves an empty one.
  const std::string last = settings_.directory + "/" + segment_name(segments.back());
  if (std::error_code ignored; std::filesystem::file_size(last, ignored) < kSegmentHeaderBytes) {
    if (newest && newest->size > segments.back()) return tampered(segment_name(segments.back()) + " is empty");
    if (segments.size() > 1) {
      Frame frame;
      SegmentReader before = TRY(SegmentReader::open(settings_.directory, segments[segments.size() - 2]));
      while (TRY(before.next(frame)) == FrameStatus::whole)
        if (frame.kind == FrameKind::record) previous_ = frame.hash;
    }
    signed_ = newest ? newest->size : 0;
    recovery_.records = records();
    return new_segment(segments.back());
  }
  return scan_last_segment(segments.back(), newest);
}

Result<void> Log::scan_last_segment(std::uint64_t first, const std::optional<Checkpoint>& newest) {
  SegmentReader reader = TRY(SegmentReader::open(settings_.directory, first));
  if (reader.header().first != first) return tampered(reader.name() + " has another segment's header");
  previous_ = reader.header().previous;
  const auto check = [&](const Checkpoint& at, std::string_view what) -> Result<void> {
    Frontier whole = closed_;
    open_.append_to(whole);
    if (whole.root() != at.root) return tampered(fmt::format("the records before {} do not give the root of the {}", at.size, what));
    signed_ = at.size;
    return {};
  };
  std::uint64_t good = reader.offset();
  Frame frame;
  for (; TRY(reader.next(frame)) == FrameStatus::whole; good = reader.offset()) {
    if (newest && newest->size == records()) TRY(check(*newest, "newest checkpoint"));
    if (frame.kind == FrameKind::checkpoint) {
      if (frame.hash != note_hash(frame.body)) break;
      const auto opened = verifier_.open(frame.body);
      if (!opened.ok() || opened->size != records()) return tampered(fmt::format("the checkpoint after record {}", records()));
      TRY(check(*opened, "checkpoint behind them"));
      continue;
    }
    if (frame.number != records() || open_.size() == kSegmentRecords) break;
    if (frame.hash != record_hash(records(), previous_, frame.body)) {
      if (TRY(edited(reader, frame))) return tampered(fmt::format("record {} does not match its hash", records()));
      break;
    }
    open_.append(frame.hash);
    previous_ = frame.hash;
  }
  if (newest && newest->size == records()) TRY(check(*newest, "newest checkpoint"));
  if (newest && newest->size > records())
    return tampered(fmt::format("{} records were signed and {} can be read", newest->size, records()));
  recovery_.records = records();
  TRY(cut_tail(first, good, reader.written()));
  segment_ = TRY(SegmentWriter::open(settings_.directory + "/" + segment_name(first), good));
  return {};
}

/// What is cut off was never durable, so nobody was told that it was on record. It is kept all the same, but for the zeros behind it.
Result<void> Log::cut_tail(std::uint64_t first, std::uint64_t offset, std::uint64_t written) {
  const std::string path = settings_.directory + "/" + segment_name(first);
  if (offset < written) {
    const std::string whole = TRY(read_file(path, kMaxSegmentBytes + kZeroedAhead));
    // A hash may end in zeros, which then belong to it.
    const std::string_view tail = std::string_view(whole).substr(offset, written - offset + sizeof(Hash));
    recovery_.cut_bytes = tail.size();
    recovery_.cut_file = fmt::format("{}/cut-{:016}-{}", settings_.directory, records(), clock_.wall());
    TRY(replace_file(recovery_.cut_file, tail));
  }
  const File file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open() || ftruncate(file.get(), static_cast<off_t>(offset)) != 0 || fsync(file.get()) != 0)
    return errno_error("cannot cut " + path);
  return {};
}

Result<void> Log::new_segment(std::uint64_t first) {
  SegmentWriter segment = TRY(SegmentWriter::open(settings_.directory + "/" + segment_name(first), 0));
  TRY(segment.append(write_header({first, previous_}), false));
  TRY(sync_directory(settings_.directory));
  segment_ = std::move(segment);
  return {};
}

}  // namespace bulwark::audit
