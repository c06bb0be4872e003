// Reading of key files and key sets.
#include "identity/bounded_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace bulwark::identity {

Result<std::string> read_bounded_file(const std::string& path, std::size_t max_bytes) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file) return config_error("cannot open " + path + ": " + std::strerror(errno));
  std::string text;
  char chunk[64 * 1024];
  while (const std::size_t got = std::fread(chunk, 1, sizeof chunk, file.get())) {
    if (text.size() + got > max_bytes) return config_error(path + " is too large");
    text.append(chunk, got);
  }
  if (std::ferror(file.get()) != 0) return config_error("cannot read " + path);
  return text;
}

std::uint64_t file_stamp(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return 0;
  std::uint64_t stamp = 1;
  for (const auto part : {static_cast<std::uint64_t>(status.st_mtim.tv_sec), static_cast<std::uint64_t>(status.st_mtim.tv_nsec),
                          static_cast<std::uint64_t>(status.st_ino), static_cast<std::uint64_t>(status.st_size)})
    stamp = (stamp ^ part) * 0x9e3779b97f4a7c15ULL;
  return stamp | 1;
}

}  // namespace bulwark::identity
