// What is usual is the largest result that nobody objected to; results that are too large teach nothing.
#include "database/guards/bulk_read.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.h"
#include "database/examiner.h"
#include "database/guards/mode.h"
#include "database/parsed_statement.h"
#include "database/usual_results.h"

namespace bulwark::database {
namespace {

using Usual = UsualResults::Usual;

class ReadSize final : public ResultCheck {
 public:
  ReadSize(const BulkReadSettings& settings, UsualResults& usual, const Execution& execution)
      : settings_(settings), usual_(usual), role_(execution.session.user), shape_(to_hex(execution.record.fingerprint)) {
    known_ = usual_.of(role_, shape_);
    of_role_ = known_.results < settings_.learn_from;
    if (of_role_) known_ = usual_.of(role_, {});
  }

  bool may_deny() const override { return settings_.mode == GuardMode::enforce && judges(); }
  std::uint64_t most_rows() const override {
    if (!judges()) return kAny;
    return std::max(settings_.min_rows, known_.most > kAny / settings_.factor ? kAny : known_.most * settings_.factor);
  }

  Verdict too_many(std::vector<Finding>& findings) override {
    return judged(settings_.mode, findings,
                  {"bulk_read", "database.bulk_read", events::Severity::high,
                   fmt::format("a result of more than {} rows, where the largest of {} before {} {}", most_rows(), known_.results,
                               of_role_ ? "by this role had" : "of this statement had", known_.most),
                   "54000"});
  }

  void complete(std::uint64_t rows) override {
    if (rows <= most_rows()) usual_.learn(role_, shape_, rows, settings_.learn_from);
  }

 private:
  bool judges() const { return known_.results >= settings_.learn_from; }

  const BulkReadSettings& settings_;  ///< of the guard, as what follows
  UsualResults& usual_;
  std::string role_;
  std::string shape_;
  Usual known_;
  bool of_role_ = false;
};

class BulkRead final : public Guard {
 public:
  explicit BulkRead(const BulkReadSettings& settings) : settings_(settings) {}
  Result<void> open() { return settings_.file.empty() ? Result<void>() : usual_.open(settings_.file); }

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "bulk_read", .follows = true};
    return info;
  }

  Result<Verdict> check(const Statement&, std::vector<Finding>&) const override { return Verdict::pass; }

  std::unique_ptr<ResultCheck> follow(const Execution& execution) const override {
    if (execution.record.facts == nullptr || !reads(execution.record.command)) return nullptr;
    const auto& exempt = settings_.exempt_roles;
    if (std::find(exempt.begin(), exempt.end(), execution.session.user) != exempt.end()) return nullptr;
    return std::make_unique<ReadSize>(settings_, usual_, execution);
  }

 private:
  static bool reads(Command command) {
    return command == Command::select || command == Command::copy || command == Command::cursor || command == Command::execute;
  }

  BulkReadSettings settings_;
  mutable UsualResults usual_;
};

}  // namespace

Result<std::shared_ptr<const Guard>> make_bulk_read(const BulkReadSettings& settings) {
  auto guard = std::make_shared<BulkRead>(settings);
  TRY(guard->open());
  return std::shared_ptr<const Guard>(std::move(guard));
}

}  // namespace bulwark::database
