#include "console/private_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace bulwark::console {
namespace {

Result<void> write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error("write");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return errno_error("fsync");
  return {};
}

}  // namespace

Result<void> write_private_file(const std::string& path, std::string_view content) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno_error("create " + beside);
  auto written = write_all(fd, content);
  ::close(fd);
  if (!written.ok()) return written;
  if (std::rename(beside.c_str(), path.c_str()) != 0) return errno_error("rename to " + path);
  return {};
}

}  // namespace bulwark::console
