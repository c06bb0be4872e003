// How many rows the results of each role usually have, by the shape of the statement: learned from results, and kept in a file, so that a
// restart forgets nothing (docs/formats/usual-results.md). Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace bulwark::database {

class UsualResults {
 public:
  static constexpr std::size_t kMaxKinds = 50'000;  ///< of roles and shapes; past it no new one is learned
  static constexpr std::size_t kMaxFileBytes = 64 * 1024 * 1024;

  struct Usual {
    std::uint64_t results = 0;  ///< seen so far
    std::uint64_t most = 0;     ///< rows of the largest
  };

  UsualResults() = default;
  ~UsualResults();
  UsualResults(const UsualResults&) = delete;
  UsualResults& operator=(const UsualResults&) = delete;

  /// Reads what was learned, and appends from then on.
  /// Errors: config, naming file and line, for what is no such file; also when it cannot be written.
  Result<void> open(const std::string& file);

  /// `shape`: the fingerprint as hexadecimal digits; empty: all shapes of the role.
  Usual of(std::string_view role, std::string_view shape) const;
  /// One more usual result, for the shape and for the role. `settled`: from so many results on a kind is worth a line of the file.
  void learn(std::string_view role, std::string_view shape, std::uint64_t rows, std::uint64_t settled);

 private:
  void learn_one(const std::string& key, std::uint64_t rows, std::uint64_t settled);
  void append(const std::string& key, const Usual& usual);
  Result<std::uint64_t> read(const std::string& file);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Usual> kinds_;  ///< by shape, tab, role
  int file_ = -1;
  std::uint64_t room_ = 0;  ///< bytes that may still be appended
};

}  // namespace bulwark::database
