// The statement's facts say which limits apply; the relay counts.
#include "database/guards/max_rows.h"

#include <algorithm>
#include <optional>

#include "database/examiner.h"
#include "database/guards/mode.h"
#include "database/guards/table_pattern.h"
#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

constexpr std::string_view kRule = "database.max_rows";

std::uint8_t bits_of(const std::vector<Verb>& verbs) {
  std::uint8_t bits = 0;
  for (const Verb each : verbs) bits |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(each));
  return bits;
}

class RowCount final : public ResultCheck {
 public:
  RowCount(GuardMode mode, const RowLimit& limit) : mode_(mode), limit_(limit) {}
  bool may_deny() const override { return mode_ == GuardMode::enforce; }
  std::uint64_t most_rows() const override { return limit_.rows; }
  Verdict too_many(std::vector<Finding>& findings) override {
    return judged(
        mode_, findings,
        {"max_rows", std::string(kRule), events::Severity::high,
         "more than the " + std::to_string(limit_.rows) + " rows that the role may touch with one statement of table " + limit_.table,
         "54000"});
  }

 private:
  GuardMode mode_;
  const RowLimit& limit_;  ///< of the guard
};

class MaxRows final : public Guard {
 public:
  explicit MaxRows(const MaxRowsSettings& settings) : settings_(settings) {}

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "max_rows", .follows = true};
    return info;
  }

  /// What runs later, piece by piece or together with others has no count of its own.
  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    const ShapeFacts& facts = statement.parsed->facts();
    const RowLimit* limit = limit_of(facts, statement.session->user);
    if (limit == nullptr) return Verdict::pass;
    const bool prepared = facts.commands.front() == Command::prepare || facts.commands.front() == Command::cursor;
    if (!prepared && facts.commands.size() == 1) return Verdict::pass;
    return judged(settings_.mode, findings,
                  {info().name, std::string(kRule), events::Severity::high,
                   "rows of table " + limit->table + " are limited, and cannot be counted " +
                       (prepared ? "for cursors and statements that SQL prepares" : "for several statements in one"),
                   "54000"});
  }

  std::unique_ptr<ResultCheck> follow(const Execution& execution) const override {
    if (execution.record.facts == nullptr) return nullptr;
    const RowLimit* limit = limit_of(*execution.record.facts, execution.session.user);
    return limit == nullptr ? nullptr : std::make_unique<RowCount>(settings_.mode, *limit);
  }

 private:
  /// The least that fits; nullptr: none does.
  const RowLimit* limit_of(const ShapeFacts& facts, std::string_view role) const {
    const RowLimit* least = nullptr;
    for (const auto& limit : settings_.limits) {
      if ((!limit.role.empty() && limit.role != role) || (least != nullptr && least->rows <= limit.rows)) continue;
      const std::uint8_t verbs = bits_of(limit.verbs);
      if (std::any_of(facts.relations.begin(), facts.relations.end(),
                      [&](const RelationUse& each) { return (each.access & verbs) != 0 && may_be(limit.table, each.schema, each.name); }))
        least = &limit;
    }
    return least;
  }

  MaxRowsSettings settings_;
};

}  // namespace

std::shared_ptr<const Guard> make_max_rows(const MaxRowsSettings& settings) { return std::make_shared<MaxRows>(settings); }

}  // namespace bulwark::database
