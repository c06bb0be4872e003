// The API key file on disk: read whole, replaced whole, edited under a lock.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <memory>

#include "identity/api_keys.h"
#include "identity/bounded_file.h"

namespace bulwark::identity {
namespace {

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<void> write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error("writing the API key file");
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

/// Runs `change` on the file's keys and saves them, alone.
Result<void> edit(const std::string& path, const std::function<Result<void>(ApiKeys&)>& change) {
  const Descriptor lock(::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.get() < 0) return errno_error("opening the API key file's lock");
  if (::flock(lock.get(), LOCK_EX) != 0) return errno_error("locking the API key file");
  const bool fresh = ::access(path.c_str(), F_OK) != 0 && errno == ENOENT;
  ApiKeys keys = fresh ? ApiKeys{} : TRY(ApiKeys::load(path));
  TRY(change(keys));
  return keys.save(path);
}

}  // namespace

Result<ApiKeys> ApiKeys::load(const std::string& path) { return parse(TRY(read_bounded_file(path, kMaxFileBytes))); }

Result<void> ApiKeys::save(const std::string& path) const {
  const std::string fresh = path + ".new";
  {
    const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) return errno_error("creating " + fresh);
    TRY(write_all(file.get(), text()));
    if (::fsync(file.get()) != 0) return errno_error("syncing " + fresh);
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return errno_error("replacing " + path);
  return {};
}

Result<std::string> new_api_key(const std::string& path, const NewApiKey& wanted, WallTime now) {
  std::string clear;
  const auto add = [&](ApiKeys& keys) -> Result<void> {
    clear = TRY(keys.add(wanted, now));
    return {};
  };
  TRY(edit(path, add));
  return clear;
}

Result<std::vector<ApiKey>> list_api_keys(const std::string& path) { return TRY(ApiKeys::load(path)).keys(); }

Result<void> revoke_api_key(const std::string& path, std::string_view id, WallTime now) {
  return edit(path, [&](ApiKeys& keys) { return keys.revoke(id, now); });
}

}  // namespace bulwark::identity
