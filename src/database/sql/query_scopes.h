// Who is visible where in a statement, and what is known to be equal: the bookkeeping beneath table_uses.cpp. Scopes are query levels;
// items are what stands in their FROM; an equality holds for every row that leaves its scope.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulwark::database::sql {

class QueryScopes {
 public:
  static constexpr std::size_t kMaxEqualities = 4096;  ///< more are not noted: less is then known to be fixed
  static constexpr int kMaxRounds = 64;                ///< of following equalities from column to column
  static constexpr int kNone = -1;

  struct Item {
    int scope = kNone;
    std::string alias;  ///< or the table's own name
    int use = kNone;    ///< index of the table's use; kNone: a subquery, a WITH query, a function
  };
  /// A column of an item.
  using Column = std::pair<int, std::string>;

  int add_scope(int parent, int names) {
    scopes_.push_back({parent, names, {}});
    return static_cast<int>(scopes_.size()) - 1;
  }
  int add_item(int scope, std::string alias, int use) {
    items_.push_back({scope, std::move(alias), use});
    scopes_[static_cast<std::size_t>(scope)].items.push_back(static_cast<int>(items_.size()) - 1);
    return scopes_[static_cast<std::size_t>(scope)].items.back();
  }
  const Item& item(int index) const { return items_[static_cast<std::size_t>(index)]; }
  int parent(int scope) const { return scopes_[static_cast<std::size_t>(scope)].parent; }
  int names(int scope) const { return scopes_[static_cast<std::size_t>(scope)].names; }
  const std::vector<int>& items(int scope) const { return scopes_[static_cast<std::size_t>(scope)].items; }
  const std::vector<Item>& all() const { return items_; }

  /// WITH names form a list that grows inwards; `outer` is its rest. Returns the new head.
  int add_name(int outer, std::string name) {
    names_.push_back({std::move(name), outer});
    return static_cast<int>(names_.size()) - 1;
  }
  bool is_name(int head, std::string_view name) const {
    for (; head != kNone; head = names_[static_cast<std::size_t>(head)].outer)
      if (names_[static_cast<std::size_t>(head)].name == name) return true;
    return false;
  }

  /// The item that a qualifier means in `scope`: the nearest scope that has it; kNone if none has.
  int find(int scope, std::string_view alias) const;
  /// The items that an unqualified or qualified column may belong to. An unqualified one belongs to exactly one item of the scope or
  /// PostgreSQL refuses it; so whatever holds for it holds for each item that has such a column at all.
  std::vector<int> candidates(int scope, std::string_view qualifier) const;

  void fix(Column column) { fixed_.insert(std::move(column)); }
  /// Once `leader` is fixed, so is `follower`.
  void follow(Column follower, Column leader) {
    if (follows_.size() < kMaxEqualities) follows_.push_back({std::move(follower), std::move(leader)});
  }
  /// Every column that is fixed in the end.
  const std::set<Column>& settle();

 private:
  struct Scope {
    int parent;
    int names;
    std::vector<int> items;
  };
  struct Name {
    std::string name;
    int outer;
  };
  struct Follow {
    Column follower;
    Column leader;
  };
  std::vector<Scope> scopes_;
  std::vector<Item> items_;
  std::vector<Name> names_;
  std::vector<Follow> follows_;
  std::set<Column> fixed_;
};

}  // namespace bulwark::database::sql
