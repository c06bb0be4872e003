// The files that a rule set was read from, so that a reload can tell without reading them whether anything changed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bulwark::waf::seclang {

/// A file as it was before it was read. The time is that of its last change of any kind (st_ctim), which nobody can set back.
struct FileStamp {
  std::string path;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = -1;  ///< -1: no such file
  std::int64_t changed_ns = 0;
  bool settled = false;  ///< the last change lay long enough back for the next one to have another time

  static FileStamp of(const std::string& path);
};

struct Inputs {
  struct Glob {
    std::string pattern;
    std::vector<std::string> paths;  ///< what it matched
  };
  std::vector<Glob> globs;
  std::vector<FileStamp> files;

  void add(const Inputs& other);
  /// Every pattern matches what it matched then, and every file is what it was.
  bool unchanged() const;
};

/// Sorted; empty if nothing matches.
std::vector<std::string> matching(const std::string& pattern);

}  // namespace bulwark::waf::seclang
