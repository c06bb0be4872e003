#include "waf/seclang/inputs.h"

#include <glob.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>

namespace bulwark::waf::seclang {
namespace {

constexpr std::int64_t kSettledNs = 100'000'000;  // file times move in steps of a kernel tick, at most 10 ms

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }

}  // namespace

FileStamp FileStamp::of(const std::string& path) {
  FileStamp stamp;
  stamp.path = path;
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return stamp;
  stamp.device = file.st_dev;
  stamp.inode = file.st_ino;
  stamp.size = file.st_size;
  stamp.changed_ns = nanoseconds(file.st_ctim);
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  stamp.settled = nanoseconds(now) - stamp.changed_ns > kSettledNs;
  return stamp;
}

void Inputs::add(const Inputs& other) {
  globs.insert(globs.end(), other.globs.begin(), other.globs.end());
  files.insert(files.end(), other.files.begin(), other.files.end());
}

bool Inputs::unchanged() const {
  return std::all_of(globs.begin(), globs.end(), [](const Glob& each) { return matching(each.pattern) == each.paths; }) &&
         std::all_of(files.begin(), files.end(), [](const FileStamp& was) {
           const FileStamp is = FileStamp::of(was.path);
           return was.settled && is.device == was.device && is.inode == was.inode && is.size == was.size && is.changed_ns == was.changed_ns;
         });
}

std::vector<std::string> matching(const std::string& pattern) {
  glob_t found{};
  const int status = ::glob(pattern.c_str(), 0, nullptr, &found);  // sorted, as rule files need it
  std::vector<std::string> paths;
  for (std::size_t i = 0; status == 0 && i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  return paths;
}

}  // namespace bulwark::waf::seclang
