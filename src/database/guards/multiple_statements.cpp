// The guard against stacked statements.
#include "database/guards/multiple_statements.h"

#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

class MultipleStatements final : public Guard {
 public:
  explicit MultipleStatements(bool allow) : allow_(allow) {}

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "multiple_statements"};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    if (allow_) return Verdict::pass;
    std::size_t working = 0;
    for (const Command each : statement.parsed->facts().commands)
      if (each != Command::transaction && each != Command::set) ++working;
    if (working <= 1) return Verdict::pass;
    findings.push_back(
        {info().name, "database.multiple_statements", events::Severity::high, "a query may hold one statement only", "42501"});
    return Verdict::deny;
  }

 private:
  bool allow_;
};

}  // namespace

std::shared_ptr<const Guard> make_multiple_statements(bool allow) { return std::make_shared<MultipleStatements>(allow); }

}  // namespace bulwark::database
