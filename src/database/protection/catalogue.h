// What a database's catalogue says about the columns that rules name: which table an object id is, which columns it has, which views
// stand over it, which functions are not PostgreSQL's own. Immutable; read anew when definitions change.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace bulwark::database {

struct CatalogueColumn {
  std::string name;
  std::uint16_t number = 0;
  std::uint32_t type = 0;  ///< beneath a domain
  std::int32_t modifier = -1;
  bool generated = false;
  std::vector<std::size_t> rules;  ///< which of the rules name it, in their order
};

struct CatalogueRelation {
  std::uint32_t id = 0;
  std::string schema;
  std::string name;
  std::vector<CatalogueColumn> columns;  ///< by number; only of tables that a rule names and of their family
  bool shows_protected = false;          ///< a view, or a table with rules, over such a table

  const CatalogueColumn* column(std::string_view wanted) const;
  const CatalogueColumn* column(std::uint16_t number) const;
};

/// Object ids below are PostgreSQL's own (FirstNormalObjectId).
inline constexpr std::uint32_t kFirstUserId = 16384;

/// "schema.table.column" taken apart; the schema may be empty.
struct ColumnPath {
  std::string schema;
  std::string table;
  std::string column;
  static ColumnPath of(std::string_view dotted);
};

/// What was read, as it came.
struct CatalogueRows {
  struct Column {
    std::uint32_t relation = 0;
    std::uint32_t root = 0;  ///< the table of its family that a rule may name
    CatalogueColumn column;
  };
  struct ViewUse {
    std::uint32_t view = 0;
    std::uint32_t relation = 0;
  };
  std::vector<CatalogueRelation> relations;
  std::vector<Column> columns;
  std::vector<ViewUse> view_uses;
  std::set<std::string, std::less<>> functions;
  std::set<std::string, std::less<>> system_relations;
};

class Catalogue {
 public:
  static constexpr std::size_t kMaxRows = 500'000;  ///< of each kind

  Catalogue(CatalogueRows rows, std::span<const ColumnPath> rules);

  const CatalogueRelation* find(std::uint32_t id) const;
  /// Every relation that the name may mean: without a schema, those of any schema.
  std::vector<const CatalogueRelation*> named(std::string_view schema, std::string_view name) const;
  bool is_system(std::string_view name) const { return system_.contains(name); }
  /// A function that is not PostgreSQL's own has this name.
  bool has_function(std::string_view name) const { return functions_.contains(name); }
  /// Rules that name no column.
  const std::vector<std::size_t>& unmatched() const { return unmatched_; }

 private:
  void take_columns(std::vector<CatalogueRows::Column> rows, std::span<const ColumnPath> rules);
  void follow_views(const std::vector<CatalogueRows::ViewUse>& uses);

  std::vector<CatalogueRelation> relations_;
  std::unordered_map<std::uint32_t, std::size_t> by_id_;
  std::multimap<std::string, std::size_t, std::less<>> by_name_;
  std::set<std::string, std::less<>> functions_;
  std::set<std::string, std::less<>> system_;
  std::vector<std::size_t> unmatched_;
};

/// Reads a database with libpq; blocks. `tables`: names that rules hold. Errors: upstream; `too_large` beyond kMaxRows.
struct CatalogueSource {
  std::string url;
  std::string database;  ///< empty: the URL's
  std::string ssl_mode;  ///< unless the URL says otherwise; likewise the next two
  std::string ssl_root_certificate;
  int timeout_s = 5;
};
/// Also tells the database's name.
Result<std::pair<std::string, CatalogueRows>> fetch_catalogue(const CatalogueSource& source, const std::set<std::string>& tables);

}  // namespace bulwark::database
