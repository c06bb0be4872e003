// The log's thread: takes over what was appended, chains and hashes it, writes and syncs it as one piece, and signs.
#include "audit/log.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/log.h"

namespace bulwark::audit {
namespace {

constexpr std::size_t kLengthBytes = 4;  // before each payload in the queue

/// The root over two neighbouring runs of leaves.
Frontier joined(const Frontier& closed, const Frontier& open) {
  Frontier whole = closed;
  open.append_to(whole);
  return whole;
}

}  // namespace

Log::Log(LogSettings settings, crypto::SigningKey key, const Clock& clock)
    : settings_(std::move(settings)), key_(std::move(key)), verifier_(NoteVerifier::of(settings_.origin, key_)), clock_(clock) {}

Log::~Log() { stop(); }

void Log::start() {
  thread_ = std::thread([this] { run(); });
}

void Log::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<Ticket> Log::append(std::string_view body, bool awaited) {
  CHECK(!body.empty() && body.size() <= kMaxBody);
  const auto length = static_cast<std::uint32_t>(body.size());
  const std::lock_guard lock(mutex_);
  if (stopping_) return internal_error(Code::unavailable, "the audit log is closed");
  if (waiting_.size() + body.size() > kMaxWaiting) {
    ++lost_;
    return internal_error(Code::exhausted, "the audit log takes no more: " + trouble_);
  }
  const bool first = waiting_.empty() && enough_ == 1;
  waiting_.append(reinterpret_cast<const char*>(&length), kLengthBytes).append(body);
  if (awaited) ++awaiting_;
  if (first || (awaited && awaiting_ == enough_)) wake_.notify_one();
  return ++appended_;
}

std::string Log::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Log::run() {
  for (bool more = true; more;) {
    more = take_batch();
    write_batch();
    if (records() > signed_ && (!more || clock_.mono() - signed_at_ >= settings_.sign_every)) sign();
  }
  const auto finished = segment_.finish();
  if (!finished.ok()) log::error("audit log: {}", finished.error().message);
}

/// Waits for something to do, or for the time to sign. False: stopped, and this batch is the last.
bool Log::take_batch() {
  std::unique_lock lock(mutex_);
  await_usual(lock);
  wake_.wait_for(lock, settings_.sign_every, [&] { return !waiting_.empty() || stopping_; });
  if (!waiting_.empty())
    wake_.wait_for(lock, settings_.gather, [&] { return awaiting_ > 0 || stopping_ || waiting_.size() > kMaxWaiting / 2; });
  awaited_ = std::exchange(awaiting_, 0);
  batch_.clear();
  batch_.swap(waiting_);
  built_ = appended_;
  if (lost_ > 0) {
    const std::string body = fmt::format(R"({{"kind":"lost","records":{}}})", std::exchange(lost_, 0));
    const auto length = static_cast<std::uint32_t>(body.size());
    batch_.append(reinterpret_cast<const char*>(&length), kLengthBytes).append(body);
  }
  return !stopping_;
}

/// A sync costs the same for one record and for many, and whoever got an answer most likely asks again at once: those of the last group
/// are waited for together, though for less long than a sync takes.
void Log::await_usual(std::unique_lock<std::mutex>& lock) {
  enough_ = std::max<std::size_t>(1, usual_);
  if (enough_ > 1) {
    const auto patience = std::min<Duration>(sync_time_ / 2, kMostPatience);
    wake_.wait_for(lock, patience, [&] { return awaiting_ >= enough_ || stopping_; });
  }
  enough_ = 1;
}

void Log::write_batch() {
  if (batch_.empty()) return;
  for (std::string_view rest = batch_; !rest.empty();) {
    std::uint32_t length = 0;
    __builtin_memcpy(&length, rest.data(), kLengthBytes);
    add_record(rest.substr(kLengthBytes, length));
    rest.remove_prefix(kLengthBytes + length);
  }
  if (!commit()) return;
  durable_.store(built_, std::memory_order_release);
  {
    const std::lock_guard lock(mutex_);
    usual_ = awaited_ + awaiting_;
  }
  for (const auto& each : listeners_) each();
}

void Log::add_record(std::string_view body) {
  if (open_.size() == kSegmentRecords) roll();
  if (open_.size() == kSegmentRecords) return;  // stopped on a disk that takes no more
  const Hash hash = record_hash(records(), previous_, body);
  write_frame(frames_, FrameKind::record, records(), body, hash);
  open_.append(hash);
  previous_ = hash;
}

bool Log::commit() {
  const MonoTime began = clock_.mono();
  const bool done = persist([this] { return segment_.append(frames_, awaited_ > 0); });
  sync_time_ = (3 * sync_time_ + (clock_.mono() - began)) / 4;
  frames_.clear();
  return done;
}

bool Log::persist(const std::function<Result<void>()>& step) {
  for (;;) {
    const auto done = step();
    if (done.ok()) {
      if (failing_.exchange(false)) log::info("the audit log is written again");
      return true;
    }
    const bool first = !failing_.exchange(true);
    std::unique_lock lock(mutex_);
    trouble_ = done.error().message;
    if (first) log::error("audit log: {}", trouble_);
    if (stopping_) return false;
    lock.unlock();
    if (first)
      for (const auto& each : listeners_) each();
    lock.lock();
    wake_.wait_for(lock, kRetry, [&] { return stopping_; });
  }
}

void Log::sign() {
  if (failing()) return;
  const std::string note = sign_checkpoint({settings_.origin, records(), joined(closed_, open_).root()}, key_);
  write_frame(frames_, FrameKind::checkpoint, records(), note, note_hash(note));
  if (!commit()) return;
  persist([&] { return replace_file(settings_.directory + "/" + std::string(kCheckpointFile), note); });
  if (!settings_.witness_file.empty()) {
    const auto witnessed = replace_file(settings_.witness_file, note);
    if (!witnessed.ok()) log::error("audit log: the witness did not get the checkpoint: {}", witnessed.error().message);
  }
  signed_ = records();
  signed_at_ = clock_.mono();
  if (on_checkpoint_) on_checkpoint_(note);
}

/// The segment is full: its root is kept, and the next one begins.
void Log::roll() {
  if (!commit() || !persist([this] { return segment_.finish(); })) return;
  const std::string roots = settings_.directory + "/" + std::string(kRootsFile);
  const std::uint64_t place = closed_.size() / kSegmentRecords * sizeof(Hash);
  const Hash root = open_.root();
  persist([&]() -> Result<void> {
    const File file(::open(roots.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file.open()) return errno_error("cannot open " + roots);
    TRY(write_at(file, crypto::as_bytes(root), place, roots));
    if (fdatasync(file.get()) != 0) return errno_error("cannot sync " + roots);
    return {};
  });
  closed_.append_subtree(root, kSegmentHeight);
  open_ = Frontier();
  persist([this] { return new_segment(closed_.size()); });
  prune();
}

/// Oldest segments go, whole, and a record says so before they do. They stay under every root signed since.
void Log::prune() {
  auto segments = list_segments(settings_.directory);
  if (!segments.ok()) return;
  std::uint64_t total = 0;
  std::vector<std::uint64_t> sizes;
  for (const std::uint64_t first : *segments) {
    std::error_code failed;
    sizes.push_back(std::filesystem::file_size(settings_.directory + "/" + segment_name(first), failed));
    if (failed) sizes.back() = 0;
    total += sizes.back();
  }
  std::size_t gone = 0;
  for (; gone + 1 < segments->size() && total > settings_.max_bytes; ++gone) total -= sizes[gone];
  if (gone == 0) return;
  add_record(fmt::format(R"({{"kind":"pruned","before":{}}})", (*segments)[gone]));
  if (!commit()) return;
  for (std::size_t i = 0; i < gone; ++i) unlink((settings_.directory + "/" + segment_name((*segments)[i])).c_str());
}

}  // namespace bulwark::audit
