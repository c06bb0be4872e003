// What the shape says about columns, held against what the catalogue says about tables.
#include "database/protection/masked_columns.h"

#include <algorithm>
#include <array>

#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

using Place = ColumnPlace::Place;

/// Functions of PostgreSQL itself that run text as a statement or read whole tables, and so show what no statement names.
constexpr std::array<std::string_view, 18> kReaders = {
    "query_to_xml",    "query_to_xmlschema",    "query_to_xml_and_xmlschema",    "cursor_to_xml", "cursor_to_xmlschema",
    "table_to_xml",    "table_to_xmlschema",    "table_to_xml_and_xmlschema",    "schema_to_xml", "schema_to_xmlschema",
    "database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema", "ts_stat",       "ts_rewrite",
    "pg_read_file",    "pg_read_binary_file",   "schema_to_xml_and_xmlschema"};

/// Catalogues that hold values of columns: the most frequent ones, histograms.
constexpr std::array<std::string_view, 5> kStatistics = {"pg_stats", "pg_statistic", "pg_stats_ext", "pg_stats_ext_exprs",
                                                         "pg_statistic_ext_data"};

/// Every table has these.
constexpr std::array<std::string_view, 7> kSystemColumns = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool allowed(Command command) {
  switch (command) {
    case Command::select:
    case Command::insert:
    case Command::update:
    case Command::delete_rows:
    case Command::merge:
    case Command::copy:
    case Command::transaction:
    case Command::set:
    case Command::show:
    case Command::prepare:
    case Command::execute:
    case Command::deallocate:
    case Command::cursor:
    case Command::explain:
    case Command::call:
    case Command::listen:
    case Command::lock:
    case Command::truncate: return true;
    default: return false;
  }
}

class MaskedColumns final : public Guard {
 public:
  explicit MaskedColumns(std::shared_ptr<const Protection> protection) : protection_(std::move(protection)) {}

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "masked_columns", .everybodys = true};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    const std::string& role = statement.session->user;
    if (!protection_->covers(role)) return Verdict::pass;
    const auto catalogue = protection_->catalogue(statement.session->database);
    if (catalogue == nullptr)
      return object(findings, "columns are masked for role " + role + ", and the catalogue of this database is not read");
    const ShapeFacts& facts = statement.parsed->facts();
    std::string why = opaque(facts, *catalogue);
    if (why.empty()) why = leaks(facts, *catalogue, role);
    return why.empty() ? Verdict::pass : object(findings, std::move(why));
  }

 private:
  static Verdict object(std::vector<Finding>& findings, std::string why) {
    findings.push_back({"masked_columns", "database.masked_column", events::Severity::high, std::move(why), "42501"});
    return Verdict::deny;
  }

  /// What cannot be seen through. Empty: nothing.
  std::string opaque(const ShapeFacts& facts, const Catalogue& catalogue) const {
    if (facts.runs_server_code || facts.changes_roles || !std::all_of(facts.commands.begin(), facts.commands.end(), allowed))
      return "a role for which columns are masked may not define anything or run code";
    if (facts.copy != nullptr && facts.commands.size() > 1) return "COPY must be a message of its own where columns are masked";
    for (const auto& function : facts.functions)
      if (!transparent(function, catalogue))
        return "function " + function.name + " may show columns that are masked (protection.allow_functions lists those that do not)";
    for (const auto& relation : facts.relations)
      if (std::string why = unclear(relation, facts, catalogue); !why.empty()) return why;
    return {};
  }

  bool transparent(const FunctionUse& function, const Catalogue& catalogue) const {
    if (contains(protection_->settings().allow_functions, function.name)) return true;
    if (contains(kReaders, function.name)) return false;
    return function.schema == "pg_catalog" || (function.schema.empty() && !catalogue.has_function(function.name));
  }

  std::string unclear(const RelationUse& relation, const ShapeFacts& facts, const Catalogue& catalogue) const {
    const bool system = relation.schema == "pg_catalog" || relation.schema == "information_schema" ||
                        (relation.schema.empty() && catalogue.is_system(relation.name));
    if (contains(kStatistics, relation.name) && system) return "catalogue " + relation.name + " holds values of columns that are masked";
    const auto meant = catalogue.named(relation.schema, relation.name);
    if (meant.empty() && !system && !relation.maybe_cte) {
      protection_->definitions_changed();
      return "relation " + relation.name + " is not known here yet; try again";
    }
    for (const auto* each : meant)
      if (each->shows_protected && !contains(protection_->settings().allow_views, each->name))
        return "view " + each->name + " shows a table with masked columns (protection.allow_views lists those that may be read)";
    if (facts.copy != nullptr && facts.copy->table == relation.name && meant.size() > 1)
      return "several schemas have a table " + relation.name + ": say which one is to be copied";
    return {};
  }

  /// Where a covered column stands as it may not. Empty: nowhere.
  std::string leaks(const ShapeFacts& facts, const Catalogue& catalogue, const std::string& role) const {
    for (const auto& relation : facts.relations)
      for (const auto* each : catalogue.named(relation.schema, relation.name)) {
        const bool covered = std::any_of(each->columns.begin(), each->columns.end(),
                                         [&](const CatalogueColumn& column) { return protection_->mask(column, role) != nullptr; });
        if (!covered) continue;
        for (const auto& place : facts.places)
          if (std::string why = leak(*each, place, role); !why.empty()) return why;
      }
    return {};
  }

  std::string leak(const CatalogueRelation& relation, const ColumnPlace& place, const std::string& role) const {
    if (!place.table.empty() && place.table != relation.name) return {};
    // users.f may also be the function f of a row of users.
    if (!place.table.empty() && place.name != "*" && relation.column(place.name) == nullptr && !contains(kSystemColumns, place.name))
      return "table " + relation.name + " has no column " + place.name + " that is known here";
    if (place.place == Place::output || place.place == Place::copied) return {};
    for (const auto& column : relation.columns) {
      if (place.name != "*" && place.name != column.name) continue;
      const Mask* mask = protection_->mask(column, role);
      if (mask == nullptr) continue;
      const std::string subject = "column " + display_name(relation, column) + " is masked for role " + role + ": ";
      if (place.place == Place::computed || place.place == Place::passed)
        return subject + "it may only be shown as it is, not be computed with, be part of a whole row or go through a subquery";
      if (mask->settings().filter == FilterUse::refuse)
        return subject + (place.place == Place::sorted ? "it may not be sorted or grouped by" : "it may not be compared with");
    }
    return {};
  }

  std::shared_ptr<const Protection> protection_;
};

}  // namespace

std::shared_ptr<const Guard> make_masked_columns(std::shared_ptr<const Protection> protection) {
  return std::make_shared<MaskedColumns>(std::move(protection));
}

}  // namespace bulwark::database
