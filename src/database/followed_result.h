// All that the guards want to see of one run's result, together: counts its rows, and knows from when on nothing more may pass.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "database/guard.h"
#include "database/result_check.h"

namespace bulwark::database {

class FollowedResult {
 public:
  /// nullptr: no guard follows it.
  static std::unique_ptr<FollowedResult> of(std::span<const std::shared_ptr<const Guard>> guards, const Execution& execution);

  bool may_deny() const { return may_deny_; }
  bool wants_bytes() const { return wants_bytes_; }
  /// The server need not be asked for more rows than one beyond this.
  std::uint64_t most_rows() const { return most_rows_; }

  void row() { count(rows_ + 1); }
  /// What a command tag says; rows that were also sent count once.
  void written(std::uint64_t rows) {
    if (rows > rows_) count(rows);
  }
  void bytes(std::string_view piece, bool begins);
  void complete();

  std::uint64_t rows() const { return rows_; }
  std::span<const Finding> findings() const { return findings_; }
  /// Why nothing more may pass; nullptr: it may.
  const Finding* denial() const { return denied_ ? &findings_.back() : nullptr; }

 private:
  void count(std::uint64_t rows);
  void judge(Verdict verdict, std::size_t before);

  struct Follower {
    std::shared_ptr<const Guard> guard;  ///< outlives a reload with the run
    std::unique_ptr<ResultCheck> check;
    bool told = false;  ///< of too many rows
  };
  std::vector<Follower> followers_;
  std::vector<Finding> findings_;
  std::uint64_t rows_ = 0;
  std::uint64_t most_rows_ = ResultCheck::kAny;   ///< of those that may deny
  std::uint64_t next_count_ = ResultCheck::kAny;  ///< from which one of them has something to say
  bool may_deny_ = false;
  bool wants_bytes_ = false;
  bool denied_ = false;
};

}  // namespace bulwark::database
