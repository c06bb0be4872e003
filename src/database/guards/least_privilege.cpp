// Compares each use of a table with the role's list. What the list does not name is denied to a role that is on it.
#include "database/guards/least_privilege.h"

#include <algorithm>

#include "database/guards/mode.h"
#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

std::uint8_t bits_of(const std::vector<Verb>& verbs) {
  std::uint8_t bits = 0;
  for (const Verb each : verbs) bits |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(each));
  return bits;
}
static_assert(access::kRead == 1U << static_cast<unsigned>(Verb::select) && access::kInsert == 1U << static_cast<unsigned>(Verb::insert) &&
              access::kUpdate == 1U << static_cast<unsigned>(Verb::update) &&
              access::kDelete == 1U << static_cast<unsigned>(Verb::delete_rows) &&
              access::kTruncate == 1U << static_cast<unsigned>(Verb::truncate) &&
              access::kDefine == 1U << static_cast<unsigned>(Verb::define));

/// "orders" fits the table in any schema: which one the search path finds is not known here.
bool fits(std::string_view pattern, const RelationUse& relation) {
  if (pattern == "*") return true;
  const auto dot = pattern.find('.');
  if (dot == std::string_view::npos) return pattern == relation.name;
  const std::string_view table = pattern.substr(dot + 1);
  return pattern.substr(0, dot) == relation.schema && (table == "*" || table == relation.name);
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

class LeastPrivilege final : public Guard {
 public:
  explicit LeastPrivilege(const LeastPrivilegeSettings& settings) : settings_(settings) {}

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "least_privilege"};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    const auto role = std::find_if(settings_.roles.begin(), settings_.roles.end(),
                                   [&](const RoleGrant& each) { return each.role == statement.session->user; });
    if (role == settings_.roles.end()) return Verdict::pass;
    const ShapeFacts& facts = statement.parsed->facts();
    if (facts.changes_roles) return object(findings, "the role may not change roles and grants");
    for (const auto& relation : facts.relations) {
      if (relation.maybe_cte && !is_table(facts, relation)) continue;
      const auto grant =
          std::find_if(role->tables.begin(), role->tables.end(), [&](const TableGrant& each) { return fits(each.table, relation); });
      if (grant == role->tables.end()) return object(findings, "the role may not use table " + relation.name);
      if ((relation.access & ~bits_of(grant->allow)) != 0) return object(findings, "the role may not do this with table " + relation.name);
      if (const std::string column = denied_column(facts, relation, *grant); !column.empty())
        return object(findings, column == "*" ? "the role may not use all columns of table " + relation.name
                                              : "the role may not use column " + relation.name + "." + column);
    }
    return Verdict::pass;
  }

 private:
  Verdict object(std::vector<Finding>& findings, std::string why) const {
    return judged(settings_.mode, findings, {info().name, "database.least_privilege", events::Severity::high, std::move(why), "42501"});
  }

  /// A WITH query's name may also stand for a table elsewhere in the statement.
  static bool is_table(const ShapeFacts& facts, const RelationUse& relation) {
    return std::any_of(facts.table_uses.begin(), facts.table_uses.end(),
                       [&](const TableUse& each) { return each.name == relation.name && each.schema == relation.schema; });
  }

  /// The first column of the table that the statement names and the role may not; empty: none.
  static std::string denied_column(const ShapeFacts& facts, const RelationUse& relation, const TableGrant& grant) {
    if (grant.columns.empty() && grant.deny_columns.empty()) return {};
    // The columns are sorted: a statement may name thousands of them, and thousands of tables.
    const auto names = [&](const std::string& table, std::string_view column) {
      return is_named(facts, table, column, false) || is_named(facts, table, column, true);
    };
    for (const std::string* table : {&relation.name, &kAnyTable}) {
      if (names(*table, "*")) return "*";
      for (const auto& denied : grant.deny_columns)
        if (names(*table, denied)) return denied;
    }
    if (grant.columns.empty()) return {};
    if (std::string column = first_beyond(facts, relation.name, grant.columns); !column.empty()) return column;
    // A column that may be another table's is held against this one only by name.
    return facts.relations.size() == 1 ? first_beyond(facts, kAnyTable, grant.columns) : std::string();
  }

  static bool is_named(const ShapeFacts& facts, const std::string& table, std::string_view column, bool written) {
    return std::binary_search(facts.columns.begin(), facts.columns.end(), ColumnUse{table, std::string(column), written});
  }

  static std::string first_beyond(const ShapeFacts& facts, const std::string& table, const std::vector<std::string>& allowed) {
    auto each = std::lower_bound(facts.columns.begin(), facts.columns.end(), table,
                                 [](const ColumnUse& use, const std::string& name) { return use.table < name; });
    for (; each != facts.columns.end() && each->table == table; ++each)
      if (!contains(allowed, each->name)) return each->name;
    return {};
  }

  inline static const std::string kAnyTable;  ///< of a column that is named alone
  LeastPrivilegeSettings settings_;
};

}  // namespace

std::shared_ptr<const Guard> make_least_privilege(const LeastPrivilegeSettings& settings) {
  return std::make_shared<LeastPrivilege>(settings);
}

}  // namespace bulwark::database
