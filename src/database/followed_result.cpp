// Guards are asked when there is something to say: most results end without any of them having been called for a row.
#include "database/followed_result.h"

#include <algorithm>

namespace bulwark::database {

Verdict ResultCheck::too_many(std::vector<Finding>&) { return Verdict::pass; }
Verdict ResultCheck::bytes(std::string_view, bool, std::vector<Finding>&) { return Verdict::pass; }

std::unique_ptr<FollowedResult> FollowedResult::of(std::span<const std::shared_ptr<const Guard>> guards, const Execution& execution) {
  std::unique_ptr<FollowedResult> made;
  for (const auto& guard : guards) {
    if (!guard->info().follows) continue;
    auto check = guard->follow(execution);
    if (check == nullptr) continue;
    if (made == nullptr) made = std::make_unique<FollowedResult>();
    made->may_deny_ |= check->may_deny();
    made->wants_bytes_ |= check->wants_bytes();
    made->next_count_ = std::min(made->next_count_, check->most_rows());
    if (check->may_deny()) made->most_rows_ = std::min(made->most_rows_, check->most_rows());
    made->followers_.push_back({guard, std::move(check)});
  }
  return made;
}

void FollowedResult::count(std::uint64_t rows) {
  rows_ = rows;
  if (rows_ <= next_count_ || denied_) return;
  next_count_ = ResultCheck::kAny;
  for (auto& each : followers_) {
    if (each.told || denied_) continue;
    if (rows_ <= each.check->most_rows()) {
      next_count_ = std::min(next_count_, each.check->most_rows());
      continue;
    }
    each.told = true;
    const std::size_t before = findings_.size();
    judge(each.check->too_many(findings_), before);
  }
}

void FollowedResult::bytes(std::string_view piece, bool begins) {
  for (const auto& each : followers_) {
    if (denied_ || !each.check->wants_bytes()) continue;
    const std::size_t before = findings_.size();
    judge(each.check->bytes(piece, begins, findings_), before);
  }
}

void FollowedResult::complete() {
  if (denied_) return;
  for (const auto& each : followers_) each.check->complete(rows_);
}

/// A denial without a reason would not be understood by anybody.
void FollowedResult::judge(Verdict verdict, std::size_t before) {
  if (verdict == Verdict::pass) return;
  if (findings_.size() == before) findings_.push_back({"result", "database.result", events::Severity::high, "result denied", "42501"});
  denied_ = true;
}

}  // namespace bulwark::database
