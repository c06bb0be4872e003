// Statements that apps put together from text at run time, counted from the audit log: the same shape came again and again with other
// literals in it, where one statement with bound values would do.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bulwark::database {

struct ConcatenatedShape {
  std::string role;
  std::string shape;       ///< as the record has it
  std::uint64_t runs = 0;  ///< statements with other literals than those before
};

/// Takes records one by one. Shapes beyond kMaxShapes are counted together only.
class ConcatenationCount {
 public:
  static constexpr std::size_t kMaxShapes = 10'000;

  /// `body`: a record as the audit log has it. What is no statement's, or no query's, is passed over.
  void take(std::string_view body);
  std::vector<ConcatenatedShape> most_first() const;
  std::uint64_t records() const { return records_; }
  std::uint64_t statements() const { return statements_; }

 private:
  std::map<std::pair<std::string, std::string>, ConcatenatedShape, std::less<>> shapes_;  ///< by role and fingerprint
  std::uint64_t records_ = 0;
  std::uint64_t statements_ = 0;  ///< concatenated ones
};

/// Reads the newest segments of the log in `directory`, at most kMaxSegments; it may be written to meanwhile. Errors: it cannot be read.
inline constexpr std::size_t kMaxSegments = 32;
Result<ConcatenationCount> count_concatenations(const std::string& directory);

}  // namespace bulwark::database
