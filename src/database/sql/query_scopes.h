// Who is visible where in a statement, and what is known to be equal: the bookkeeping beneath table_uses.cpp. Scopes are query levels;
// items are what stands in their FROM; an equality holds for every row that leaves its scope.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"

namespace bulwark::database::sql {

class QueryScopes {
 public:
  /// Comparisons of names for one statement: a hundred thousand columns of one table, or a hundred tables joined all with all.
  static constexpr std::size_t kMaxSteps = 500'000;
  static constexpr std::size_t kEqualitySteps = 20;  ///< what noting one costs beside comparing names
  static constexpr int kNone = -1;

  struct Item {
    int scope = kNone;
    std::string alias;  ///< or the table's own name
    int use = kNone;    ///< index of the table's use; kNone: a subquery, a WITH query, a function
  };
  /// A range of items, the last one excluded.
  struct Items {
    int begin = 0;
    int end = 0;
    bool contains(int item) const { return item >= begin && item < end; }
    int size() const { return end - begin; }
  };
  /// A column of an item.
  using Column = std::pair<int, std::string>;

  int add_scope(int parent, int names) {
    scopes_.push_back({parent, names, {}});
    return static_cast<int>(scopes_.size()) - 1;
  }
  int add_item(int scope, std::string alias, int use) {
    Items& range = scopes_[static_cast<std::size_t>(scope)].items;
    const int added = static_cast<int>(items_.size());
    CHECK(range.size() == 0 || range.end == added);
    items_.push_back({scope, std::move(alias), use});
    range = {range.size() == 0 ? added : range.begin, added + 1};
    return added;
  }
  const Item& item(int index) const { return items_[static_cast<std::size_t>(index)]; }
  int parent(int scope) const { return scopes_[static_cast<std::size_t>(scope)].parent; }
  int names(int scope) const { return scopes_[static_cast<std::size_t>(scope)].names; }
  /// Those of one scope follow one another: whoever adds them is done with a scope before the next one begins.
  Items items(int scope) const { return scopes_[static_cast<std::size_t>(scope)].items; }

  /// WITH names form a list that grows inwards; `outer` is its rest. Returns the new head.
  int add_name(int outer, std::string name) {
    names_.push_back({std::move(name), outer});
    return static_cast<int>(names_.size()) - 1;
  }
  bool is_name(int head, std::string_view name) {
    for (; head != kNone && spend(1); head = names_[static_cast<std::size_t>(head)].outer)
      if (names_[static_cast<std::size_t>(head)].name == name) return true;
    return false;
  }

  /// Of the statement's steps. False, here and ever after: they are used up, and nothing that is found from then on may be relied on.
  bool spend(std::size_t steps) {
    left_ = steps > left_ ? 0 : left_ - steps;
    return left_ > 0;
  }
  bool exhausted() const { return left_ == 0; }

  /// The item that a qualifier means in `scope`: the nearest scope that has it; kNone if none has.
  int find(int scope, std::string_view alias);
  /// The items that an unqualified or qualified column may belong to. An unqualified one belongs to exactly one item of the scope or
  /// PostgreSQL refuses it; so whatever holds for it holds for each item that has such a column at all.
  Items candidates(int scope, std::string_view qualifier);

  void fix(Column column) {
    if (spend(kEqualitySteps)) fixed_.insert(std::move(column));
  }
  /// Once `leader` is fixed, so is `follower`.
  void follow(Column follower, Column leader) {
    if (spend(kEqualitySteps)) followers_.emplace(std::move(leader), std::move(follower));
  }
  /// Every column that is fixed in the end.
  const std::set<Column>& settle();

 private:
  struct Scope {
    int parent;
    int names;
    Items items;
  };
  struct Name {
    std::string name;
    int outer;
  };
  std::vector<Scope> scopes_;
  std::vector<Item> items_;
  std::vector<Name> names_;
  std::multimap<Column, Column> followers_;  ///< by their leader
  std::set<Column> fixed_;
  std::size_t left_ = kMaxSteps;
};

}  // namespace bulwark::database::sql
