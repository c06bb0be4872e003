// The walk that knows query levels. Everything is on work lists of our own: a tree of any depth costs nothing of the thread's stack.
#include "database/sql/table_uses.h"

#include <algorithm>
#include <map>

#include "database/sql/facts.h"
#include "database/sql/query_scopes.h"
#include "database/sql/raw_nodes.h"

namespace bulwark::database::sql {
namespace {

using Items = QueryScopes::Items;

constexpr int kNone = QueryScopes::kNone;
constexpr std::size_t kColumnSteps = 10;  ///< of noting one more column for `*`

class TableWalk {
 public:
  explicit TableWalk(ShapeFacts& facts) : facts_(facts) {}

  Result<void> run(const List* statements) {
    for (int i = 0; i < length(statements); ++i) later(as<RawStmt>(element(statements, i))->stmt, kNone, kNone);
    while (!statements_.empty()) {
      const Pending next = statements_.back();
      statements_.pop_back();
      statement(next.node, next.parent, next.names);
      scan_all();
      if (beyond_limits()) return too_large();
    }
    finish();
    if (beyond_limits()) return too_large();
    return {};
  }

 private:
  struct Pending {
    Node* node;
    int parent;
    int names;
  };
  struct Scan {
    Node* node;
    int scope;
  };
  /// INSERT … SELECT: the target's columns follow what the SELECT puts there.
  struct Source {
    int target;
    std::vector<std::string> columns;
    const SelectStmt* select;
  };

  bool beyond_limits() const {
    return visited_ > ParsedStatement::kMaxNodes || scopes_.exhausted() || facts_.table_uses.size() > ParsedStatement::kMaxTables ||
           distinct_columns_ > ParsedStatement::kMaxColumns;
  }
  static Error too_large() { return client_error(Code::too_large, "statement has too many parts"); }

  void later(void* node, int parent, int names) {
    if (node != nullptr) statements_.push_back({static_cast<Node*>(node), parent, names});
  }
  void scan(const void* node, int scope) {
    if (node != nullptr) scans_.push_back({static_cast<Node*>(const_cast<void*>(node)), scope});
  }

  // --- statements ---

  void statement(Node* node, int parent, int names) {
    switch (nodeTag(node)) {
      case T_SelectStmt: return select(as<SelectStmt>(node), parent, names);
      case T_InsertStmt: return insert(as<InsertStmt>(node), parent, names);
      case T_UpdateStmt: return update(as<UpdateStmt>(node), parent, names);
      case T_DeleteStmt: return delete_rows(as<DeleteStmt>(node), parent, names);
      case T_MergeStmt: return merge(as<MergeStmt>(node), parent, names);
      case T_CopyStmt: return copy(as<CopyStmt>(node));
      case T_PrepareStmt: return later(as<PrepareStmt>(node)->query, parent, names);
      case T_DeclareCursorStmt: return later(as<DeclareCursorStmt>(node)->query, parent, names);
      case T_ExplainStmt: return later(as<ExplainStmt>(node)->query, parent, names);
      case T_CreateTableAsStmt: return later(as<CreateTableAsStmt>(node)->query, parent, names);
      case T_ViewStmt: return later(as<ViewStmt>(node)->query, parent, names);
      default: return;  // tables of other statements stand in `relations` alone: nothing is fixed there
    }
  }

  /// The names that a WITH clause adds; its queries see what is outside of the statement, and their elder siblings.
  int with(const WithClause* clause, int parent, int names) {
    if (clause == nullptr) return names;
    const int count = length(clause->ctes);
    const auto query = [&](int i) { return as<CommonTableExpr>(element(clause->ctes, i)); };
    if (clause->recursive)
      for (int i = 0; i < count; ++i) names = scopes_.add_name(names, text_or_empty(query(i)->ctename));
    for (int i = 0; i < count; ++i) {
      later(query(i)->ctequery, parent, names);
      if (!clause->recursive) names = scopes_.add_name(names, text_or_empty(query(i)->ctename));
    }
    return names;
  }

  void select(SelectStmt* node, int parent, int names) {
    names = with(node->withClause, parent, names);
    const int scope = scopes_.add_scope(parent, names);
    scope_of_[node] = scope;
    if (node->op != SETOP_NONE) {
      later(node->larg, parent, names);
      later(node->rarg, parent, names);
    }
    from(node->fromClause, scope);
    conditions(node->whereClause, scope, scopes_.items(scope));
    for (const void* each : {static_cast<const void*>(node->distinctClause), static_cast<const void*>(node->targetList),
                             static_cast<const void*>(node->whereClause), static_cast<const void*>(node->groupClause),
                             static_cast<const void*>(node->havingClause), static_cast<const void*>(node->windowClause),
                             static_cast<const void*>(node->valuesLists), static_cast<const void*>(node->sortClause),
                             static_cast<const void*>(node->limitOffset), static_cast<const void*>(node->limitCount)})
      scan(each, scope);
  }

  void insert(InsertStmt* node, int parent, int names) {
    names = with(node->withClause, parent, names);
    const int scope = scopes_.add_scope(parent, names);
    const int target = table(node->relation, access::kInsert, scope);
    std::vector<std::string> columns;
    for (int i = 0; i < length(node->cols); ++i) columns.push_back(text_or_empty(as<ResTarget>(element(node->cols, i))->name));
    written(node->relation, columns);
    later(node->selectStmt, parent, names);
    if (auto* source = as<SelectStmt>(node->selectStmt); source != nullptr) insert_source(source, target, columns);
    if (node->onConflictClause != nullptr) on_conflict(node, target, scope, columns);
    scan(node->returningList, scope);
  }

  void insert_source(SelectStmt* source, int target, const std::vector<std::string>& columns) {
    if (length(source->valuesLists) == 0) return sources_.push_back({target, columns, source});
    for (std::size_t column = 0; column < columns.size(); ++column) {
      bool constant = true;
      for (int row = 0; constant && row < length(source->valuesLists); ++row) {
        const List* values = reinterpret_cast<List*>(element(source->valuesLists, row));
        constant = static_cast<int>(column) < length(values) && is_constant(element(values, static_cast<int>(column)));
      }
      if (constant) scopes_.fix({target, columns[column]});
    }
  }

  /// DO UPDATE changes a row that was there before: the one with the same conflicting columns as the new one.
  void on_conflict(InsertStmt* node, int target, int scope, const std::vector<std::string>& columns) {
    OnConflictClause* clause = node->onConflictClause;
    scan(clause->targetList, scope);
    scan(clause->whereClause, scope);
    if (clause->action != ONCONFLICT_UPDATE) return;
    const int changed = table(node->relation, access::kUpdate, scope);
    if (clause->infer != nullptr)
      for (int i = 0; i < length(clause->infer->indexElems); ++i) {
        const std::string column = text_or_empty(as<IndexElem>(element(clause->infer->indexElems, i))->name);
        const bool looked_up = !column.empty() && scopes_.spend(columns.size());
        if (looked_up && std::find(columns.begin(), columns.end(), column) != columns.end())
          scopes_.follow({changed, column}, {target, column});
      }
    conditions(clause->whereClause, scope, {changed, changed + 1});
    assignments(clause->targetList, node->relation, changed);
  }

  void update(UpdateStmt* node, int parent, int names) {
    names = with(node->withClause, parent, names);
    const int scope = scopes_.add_scope(parent, names);
    const int target = table(node->relation, access::kUpdate, scope);
    from(node->fromClause, scope);
    conditions(node->whereClause, scope, scopes_.items(scope));
    assignments(node->targetList, node->relation, target);
    scan(node->targetList, scope);
    scan(node->whereClause, scope);
    scan(node->returningList, scope);
  }

  void delete_rows(DeleteStmt* node, int parent, int names) {
    names = with(node->withClause, parent, names);
    const int scope = scopes_.add_scope(parent, names);
    table(node->relation, access::kDelete, scope);
    from(node->usingClause, scope);
    conditions(node->whereClause, scope, scopes_.items(scope));
    scan(node->whereClause, scope);
    scan(node->returningList, scope);
  }

  /// Its branches each touch other rows: nothing counts as fixed.
  void merge(MergeStmt* node, int parent, int names) {
    names = with(node->withClause, parent, names);
    const int scope = scopes_.add_scope(parent, names);
    table(node->relation, access::kInsert | access::kUpdate | access::kDelete, scope);
    written(node->relation, {});
    from_one(node->sourceRelation, scope);
    scan(node->joinCondition, scope);
    scan(node->mergeWhenClauses, scope);
  }

  void copy(CopyStmt* node) {
    later(node->query, kNone, kNone);
    if (node->relation == nullptr) return;
    const int scope = scopes_.add_scope(kNone, kNone);
    table(node->relation, node->is_from ? access::kInsert : access::kRead, scope);
    std::vector<std::string> columns;
    for (int i = 0; i < length(node->attlist); ++i) columns.emplace_back(strVal(element(node->attlist, i)));
    if (node->is_from) return written(node->relation, columns);
    if (columns.empty()) columns.emplace_back("*");
    for (auto& each : columns) add_column({text_or_empty(node->relation->relname), std::move(each), false});
  }

  /// SET: which columns are written, and which to something that is no constant.
  void assignments(const List* targets, const RangeVar* relation, int item) {
    std::vector<std::string> columns;
    for (int i = 0; i < length(targets); ++i) {
      auto* target = as<ResTarget>(element(targets, i));
      columns.push_back(text_or_empty(target->name));
      if (!is_constant(target->val) && !is_excluded(target->val, columns.back())) use(item).rewrites.push_back(columns.back());
    }
    if (!columns.empty()) written(relation, columns);
  }

  /// excluded.x for x: the value that the INSERT was checked for.
  static bool is_excluded(Node* value, std::string_view column) {
    if (!is(value, T_ColumnRef)) return false;
    const ColumnName name = name_of(as<ColumnRef>(value));
    return name.qualifier == "excluded" && name.name == column;
  }

  void written(const RangeVar* relation, const std::vector<std::string>& columns) {
    const std::string name = text_or_empty(relation->relname);
    if (columns.empty()) add_column({name, "*", true});
    for (std::size_t i = 0; i < columns.size() && !beyond_limits(); ++i) add_column({name, columns[i], true});
  }

  // --- FROM ---

  TableUse& use(int item) { return facts_.table_uses[static_cast<std::size_t>(scopes_.item(item).use)]; }

  /// A table, whatever WITH queries are called.
  int table(const RangeVar* node, std::uint8_t how, int scope) {
    facts_.table_uses.push_back({text_or_empty(node->schemaname), text_or_empty(node->relname), how, {}, {}});
    const int item = scopes_.add_item(scope, node->alias == nullptr ? text_or_empty(node->relname) : text_or_empty(node->alias->aliasname),
                                      static_cast<int>(facts_.table_uses.size()) - 1);
    // Columns under other names cannot be told apart: all of them count as named.
    if (node->alias != nullptr && length(node->alias->colnames) > 0) add_column({text_or_empty(node->relname), "*", false});
    return item;
  }

  void relation(const RangeVar* node, int scope) {
    const std::string name = text_or_empty(node->relname);
    if (node->schemaname != nullptr || !scopes_.is_name(scopes_.names(scope), name)) {
      table(node, access::kRead, scope);
      return;
    }
    scopes_.add_item(scope, node->alias == nullptr ? name : text_or_empty(node->alias->aliasname), kNone);
  }

  void other_item(const Alias* alias, int scope) {
    scopes_.add_item(scope, alias == nullptr ? std::string() : text_or_empty(alias->aliasname), kNone);
  }

  void from(const List* list, int scope) {
    for (int i = 0; i < length(list) && !beyond_limits(); ++i) from_one(element(list, i), scope);
  }

  /// A join is met twice: before its sides, and after both are among the items.
  void from_one(Node* first, int scope) {
    struct Step {
      Node* node;
      int stage;
      int begin;
      int middle;
    };
    std::vector<Step> steps = {{first, 0, 0, 0}};
    while (!steps.empty() && !beyond_limits()) {
      ++visited_;
      Step& top = steps.back();
      if (!is(top.node, T_JoinExpr)) {
        Node* const leaf = top.node;
        steps.pop_back();
        from_leaf(leaf, scope);
        continue;
      }
      auto* join = as<JoinExpr>(top.node);
      const int now = scopes_.items(scope).end;
      if (top.stage == 0) {
        top.begin = now;
        top.stage = 1;
        steps.push_back({join->larg, 0, 0, 0});
      } else if (top.stage == 1) {
        top.middle = now;
        top.stage = 2;
        steps.push_back({join->rarg, 0, 0, 0});
      } else {
        const Step done = top;
        steps.pop_back();
        joined(join, scope, done.begin, done.middle);
      }
    }
  }

  void from_leaf(Node* node, int scope) {
    switch (nodeTag(node)) {
      case T_RangeVar: return relation(as<RangeVar>(node), scope);
      case T_RangeSubselect: {
        auto* inner = as<RangeSubselect>(node);
        // Without LATERAL it does not see its neighbours.
        later(inner->subquery, inner->lateral ? scope : scopes_.parent(scope), scopes_.names(scope));
        return other_item(inner->alias, scope);
      }
      case T_RangeTableSample: scan(as<RangeTableSample>(node)->args, scope); return from_leaf(as<RangeTableSample>(node)->relation, scope);
      case T_RangeFunction: other_item(as<RangeFunction>(node)->alias, scope); return scan(node, scope);
      default: other_item(nullptr, scope); return scan(node, scope);
    }
  }

  /// ON filters the rows of the side that may be missing, and of both in an inner join.
  void joined(JoinExpr* join, int scope, int first, int middle) {
    const int end = scopes_.items(scope).end;
    // Before its first item a scope has no place of its own yet.
    const int begin = std::max(first, scopes_.items(scope).begin);
    middle = std::max(middle, begin);
    Items filtered;
    if (join->jointype == JOIN_INNER) filtered = {begin, end};
    if (join->jointype == JOIN_LEFT) filtered = {middle, end};
    if (join->jointype == JOIN_RIGHT) filtered = {begin, middle};
    conditions(join->quals, scope, filtered);
    scan(join->quals, scope);
    for (int i = 0; i < length(join->usingClause); ++i) {
      const std::string column = strVal(element(join->usingClause, i));
      add_column({"", column, false});
      for (int left = begin; left < middle && !scopes_.exhausted(); ++left)
        for (int right = middle; right < end && scopes_.spend(1); ++right) {
          if (filtered.contains(left)) scopes_.follow({left, column}, {right, column});
          if (filtered.contains(right)) scopes_.follow({right, column}, {left, column});
        }
    }
  }

  // --- conditions ---

  /// Notes the equalities that hold whenever `condition` does; they fix columns of the `filtered` items only.
  void conditions(Node* condition, int scope, Items filtered) {
    std::vector<Node*> parts = {condition};
    while (!parts.empty()) {
      Node* const part = parts.back();
      parts.pop_back();
      ++visited_;
      if (is(part, T_BoolExpr) && as<BoolExpr>(part)->boolop == AND_EXPR) {
        for (int i = 0; i < length(as<BoolExpr>(part)->args); ++i) parts.push_back(element(as<BoolExpr>(part)->args, i));
      } else if (is(part, T_A_Expr) && is_equality(as<A_Expr>(part))) {
        equality(as<A_Expr>(part), scope, filtered);
      }
    }
  }

  void equality(A_Expr* node, int scope, Items filtered) {
    Node* right = node->rexpr;
    if (node->kind == AEXPR_IN) {
      if (!is(right, T_List) || length(reinterpret_cast<List*>(right)) != 1) return;
      right = element(reinterpret_cast<List*>(right), 0);
    }
    equal(node->lexpr, right, scope, filtered);
    equal(right, node->lexpr, scope, filtered);
  }

  void equal(Node* column, Node* to, int scope, Items filtered) {
    if (!is(column, T_ColumnRef)) return;
    const ColumnName name = name_of(as<ColumnRef>(column));
    const bool constant = is_constant(to);
    if (!constant && !is(to, T_ColumnRef)) return;
    const ColumnName leader = constant ? ColumnName() : name_of(as<ColumnRef>(to));
    const Items leaders = constant ? Items() : scopes_.candidates(scope, leader.qualifier);
    const Items named = scopes_.candidates(scope, name.qualifier);
    for (int item = named.begin; item < named.end && scopes_.spend(1); ++item) {
      if (!filtered.contains(item)) continue;
      if (constant) scopes_.fix({item, name.name});
      for (int other = leaders.begin; other < leaders.end && scopes_.spend(1); ++other)
        if (other != item) scopes_.follow({item, name.name}, {other, leader.name});
    }
  }

  // --- expressions ---

  static bool scan_child(Node* node, void* walk) {
    auto* self = static_cast<TableWalk*>(walk);
    self->scan(node, self->scanning_);
    return false;
  }

  void scan_all() {
    while (!scans_.empty()) {
      ++visited_;
      if (beyond_limits()) return;
      const Scan next = scans_.back();
      scans_.pop_back();
      const NodeTag tag = nodeTag(next.node);
      if (tag == T_ColumnRef) {
        column(as<ColumnRef>(next.node), next.scope);
      } else if (tag == T_SelectStmt) {
        later(next.node, next.scope, scopes_.names(next.scope));
      } else if (expression_walker_knows(tag)) {
        scanning_ = next.scope;
        raw_expression_tree_walker(next.node, reinterpret_cast<bool (*)()>(reinterpret_cast<void*>(&TableWalk::scan_child)), this);
      }
    }
  }

  void column(const ColumnRef* node, int scope) {
    const ColumnName name = name_of(node);
    if (!name.qualifier.empty()) {
      const int item = scopes_.find(scope, name.qualifier);
      if (item == kNone && name.qualifier == "excluded") return;  // the new row of ON CONFLICT: nothing is read
      return column_of(item, name.name);
    }
    if (name.name == "*") {
      const Items all = scopes_.items(scope);
      for (int each = all.begin; each < all.end && scopes_.spend(kColumnSteps); ++each) column_of(each, "*");
      return;
    }
    // The name of a table stands for its whole row.
    if (const int whole = scopes_.find(scope, name.name); whole != kNone) column_of(whole, "*");
    add_column({"", name.name, false});
  }

  void column_of(int item, const std::string& name) {
    if (item == kNone) {
      add_column({"", name, false});
    } else if (scopes_.item(item).use != kNone) {
      add_column({use(item).name, name, false});
    }
  }

  // --- the end ---

  void finish() {
    for (const auto& source : sources_) follow_source(source);
    for (const auto& [item, column] : scopes_.settle())
      if (scopes_.item(item).use != kNone) use(item).fixed.push_back(column);
    sort_columns();
  }

  /// Sorts whenever there are twice as many as then: what is named again and again never takes much room.
  void add_column(ColumnUse column) {
    if (!facts_.columns.empty() && facts_.columns.back() == column) return;
    facts_.columns.push_back(std::move(column));
    if (facts_.columns.size() >= std::max<std::size_t>(1024, 2 * distinct_columns_)) sort_columns();
  }

  void sort_columns() {
    auto& columns = facts_.columns;
    std::sort(columns.begin(), columns.end());
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    distinct_columns_ = columns.size();
  }

  void follow_source(const Source& source) {
    const auto scope = scope_of_.find(source.select);
    if (scope == scope_of_.end() || source.select->op != SETOP_NONE) return;
    for (std::size_t i = 0; i < source.columns.size() && static_cast<int>(i) < length(source.select->targetList); ++i) {
      Node* value = as<ResTarget>(element(source.select->targetList, static_cast<int>(i)))->val;
      if (is(value, T_ColumnRef) && name_of(as<ColumnRef>(value)).name == "*") return;  // from here on places no longer correspond
      if (is_constant(value)) scopes_.fix({source.target, source.columns[i]});
      if (!is(value, T_ColumnRef)) continue;
      const ColumnName name = name_of(as<ColumnRef>(value));
      const Items named = scopes_.candidates(scope->second, name.qualifier);
      for (int each = named.begin; each < named.end && scopes_.spend(1); ++each)
        scopes_.follow({source.target, source.columns[i]}, {each, name.name});
    }
  }

  ShapeFacts& facts_;
  QueryScopes scopes_;
  std::vector<Pending> statements_;
  std::vector<Scan> scans_;
  std::vector<Source> sources_;
  std::map<const void*, int> scope_of_;
  int scanning_ = kNone;
  std::size_t distinct_columns_ = 0;  ///< when they were last sorted
  std::size_t visited_ = 0;
};

}  // namespace

Result<void> collect_table_uses(const List* statements, ShapeFacts& facts) { return TableWalk(facts).run(statements); }

}  // namespace bulwark::database::sql
