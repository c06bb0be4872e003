// The spool's folder: one process at a time, a budget of bytes, names that sort by age.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "events/spool.h"

namespace bulwark::events {
namespace {

constexpr std::string_view kSuffix = ".spool";
constexpr const char* kSpare = "/spare";
constexpr std::size_t kMaxLeftBehind = 100'000;

}  // namespace

SpoolFolder::SpoolFolder(const BusSettings& settings, int lock, WallTime session) : settings_(settings), lock_(lock), session_(session) {}

SpoolFolder::~SpoolFolder() {
  if (spare_ != nullptr) spare_->remove_file();
  close(lock_);
}

Result<std::unique_ptr<SpoolFolder>> SpoolFolder::open(const BusSettings& settings, WallTime now) {
  if (settings.segment_bytes < Segment::kMinBytes || settings.segment_bytes > Segment::kMaxBytes)
    return config_error("a spool segment has 256 KiB at least and 1 GiB at most");
  std::error_code failed;
  std::filesystem::create_directories(settings.directory, failed);
  if (failed) return internal_error(Code::io, "creating " + settings.directory + ": " + failed.message());
  std::filesystem::permissions(settings.directory, std::filesystem::perms::owner_all, failed);

  const std::string path = settings.directory + "/lock";
  const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return errno_error("opening " + path);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return internal_error(Code::unavailable, "another process uses the event spool in " + settings.directory);
  }
  (void)unlink((settings.directory + kSpare).c_str());
  return std::unique_ptr<SpoolFolder>(new SpoolFolder(settings, lock, now));
}

Result<std::shared_ptr<Segment>> SpoolFolder::make(std::uint32_t publisher, std::uint32_t number, std::uint64_t first_sequence) {
  const std::string path =
      fmt::format("{}/{:016x}-{:04}-{:08}{}", settings_.directory, static_cast<std::uint64_t>(session_), publisher, number, kSuffix);
  if (auto spare = take_spare()) {
    TRY(spare->begin_again(path, first_sequence));
    return spare;
  }
  if (bytes_.fetch_add(settings_.segment_bytes) + settings_.segment_bytes > settings_.max_spool_bytes) {
    bytes_.fetch_sub(settings_.segment_bytes);
    return internal_error(Code::exhausted, "the event spool in " + settings_.directory + " is full");
  }
  auto made = Segment::create(path, settings_.segment_bytes, first_sequence);
  if (!made) bytes_.fetch_sub(settings_.segment_bytes);
  return made;
}

std::shared_ptr<Segment> SpoolFolder::take_spare() {
  const std::lock_guard lock(spare_mutex_);
  return std::exchange(spare_, nullptr);
}

void SpoolFolder::release(std::shared_ptr<Segment> segment) {
  {
    const std::lock_guard lock(spare_mutex_);
    if (spare_ == nullptr && segment.use_count() == 1 && segment->set_aside(settings_.directory + kSpare).ok()) {
      spare_ = std::move(segment);
      return;
    }
  }
  segment->remove_file();
  bytes_.fetch_sub(segment->bytes());
}

Result<std::vector<std::string>> SpoolFolder::left_behind() const {
  std::vector<std::string> paths;
  std::error_code failed;
  for (const auto& each : std::filesystem::directory_iterator(settings_.directory, failed))
    if (each.path().extension() == kSuffix) paths.push_back(each.path().string());
  if (failed) return internal_error(Code::io, "reading " + settings_.directory + ": " + failed.message());
  if (paths.size() > kMaxLeftBehind) return internal_error(Code::too_large, "too many segments in " + settings_.directory);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace bulwark::events
