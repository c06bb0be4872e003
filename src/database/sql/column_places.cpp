// One walk without query levels: what a level would tell more precisely is not worth being wrong about.
#include "database/sql/column_places.h"

#include <algorithm>
#include <map>
#include <set>

#include "database/sql/facts.h"
#include "database/sql/raw_nodes.h"

namespace bulwark::database::sql {
namespace {

/// Operators of PostgreSQL itself whose answer is yes or no, and which cannot fail on a value.
bool is_comparison(const A_Expr* node) {
  switch (node->kind) {
    case AEXPR_DISTINCT:
    case AEXPR_NOT_DISTINCT:
    case AEXPR_IN:
    case AEXPR_LIKE:
    case AEXPR_ILIKE:
    case AEXPR_BETWEEN:
    case AEXPR_NOT_BETWEEN:
    case AEXPR_BETWEEN_SYM:
    case AEXPR_NOT_BETWEEN_SYM:
    case AEXPR_OP_ANY:
    case AEXPR_OP_ALL:
    case AEXPR_OP: break;
    default: return false;
  }
  if (length(node->name) != 1) return node->kind != AEXPR_OP && node->kind != AEXPR_OP_ANY && node->kind != AEXPR_OP_ALL;
  static const std::set<std::string_view> kNames = {"=",
                                                    "<>",
                                                    "!=",
                                                    "<",
                                                    ">",
                                                    "<=",
                                                    ">=",
                                                    "~~",
                                                    "!~~",
                                                    "~~*",
                                                    "!~~*",
                                                    "BETWEEN",
                                                    "NOT BETWEEN",
                                                    "BETWEEN SYMMETRIC",
                                                    "NOT BETWEEN SYMMETRIC"};
  return kNames.contains(strVal(element(node->name, 0)));
}

constexpr int kPlaceSteps = 20;  ///< of noting one more place

class PlaceWalk {
 public:
  explicit PlaceWalk(ShapeFacts& facts) : facts_(facts) {}

  Result<void> run(const List* statements) {
    for (int i = 0; i < length(statements); ++i) later(as<RawStmt>(element(statements, i))->stmt, Look::outermost);
    while (!pending_.empty()) {
      if (!spend(1)) return too_large();
      const Pending next = pending_.back();
      pending_.pop_back();
      switch (next.look) {
        case Look::outermost:
        case Look::passing:
        case Look::nested: statement(next.node, next.look); break;
        case Look::from: from(next.node); break;
        case Look::condition: condition(next.node); break;
        case Look::value: value(next.node); break;
      }
    }
    finish();
    if (!spend(0)) return too_large();
    return {};
  }

 private:
  /// As what a node is looked at.
  enum class Look : std::uint8_t { outermost, passing, nested, from, condition, value };
  struct Pending {
    Node* node;
    Look look;
  };
  struct Mention {
    std::string qualifier;
    std::string name;
    ColumnPlace::Place place;
    auto operator<=>(const Mention&) const = default;
  };

  /// A column of a subquery: its name there, and what it is inside.
  struct Passed {
    std::string name;
    std::string inner_qualifier;
    std::string inner_name;
  };

  static Error too_large() { return client_error(Code::too_large, "statement has too many parts"); }
  /// Of all that is looked at and noted for one statement. False: it is used up, and the statement will be refused.
  bool spend(int steps) {
    visited_ += static_cast<std::size_t>(steps);
    return visited_ <= ParsedStatement::kMaxNodes && distinct_mentions_ <= ParsedStatement::kMaxColumns;
  }
  using Place = ColumnPlace::Place;

  void later(const void* node, Look look) {
    if (node != nullptr) pending_.push_back({static_cast<Node*>(const_cast<void*>(node)), look});
  }
  void each(const List* list, Look look) {
    for (int i = 0; i < length(list); ++i) later(element(list, i), look);
  }

  // --- statements ---

  void statement(Node* node, Look look) {
    const bool outermost = look == Look::outermost;
    switch (nodeTag(node)) {
      case T_SelectStmt: return select(as<SelectStmt>(node), look);
      case T_InsertStmt: return insert(as<InsertStmt>(node), outermost);
      case T_UpdateStmt: return update(as<UpdateStmt>(node), outermost);
      case T_DeleteStmt: return delete_rows(as<DeleteStmt>(node), outermost);
      case T_MergeStmt: return merge(as<MergeStmt>(node));
      case T_CopyStmt: return copy(as<CopyStmt>(node));
      // Their results carry the origin of each column as the query's own result would.
      case T_PrepareStmt: return later(as<PrepareStmt>(node)->query, outermost ? Look::outermost : Look::nested);
      case T_DeclareCursorStmt: return later(as<DeclareCursorStmt>(node)->query, outermost ? Look::outermost : Look::nested);
      case T_ExplainStmt: return later(as<ExplainStmt>(node)->query, Look::outermost);
      case T_ExecuteStmt: return each(as<ExecuteStmt>(node)->params, Look::value);
      case T_CreateTableAsStmt: return later(as<CreateTableAsStmt>(node)->query, Look::nested);
      case T_ViewStmt: return later(as<ViewStmt>(node)->query, Look::nested);
      default: return;  // the others read no columns, or are no business of a role from which something is kept
    }
  }

  void with(const WithClause* clause) {
    for (int i = 0; clause != nullptr && i < length(clause->ctes); ++i) {
      auto* query = as<CommonTableExpr>(element(clause->ctes, i));
      derived_.insert(text_or_empty(query->ctename));
      // What a recursive query passes is what it computes of that itself.
      later(query->ctequery, clause->recursive || length(query->aliascolnames) > 0 ? Look::nested : Look::passing);
    }
  }

  void select(SelectStmt* node, Look look) {
    with(node->withClause);
    later(node->larg, Look::nested);
    later(node->rarg, Look::nested);
    each(node->fromClause, Look::from);
    const bool plain = node->op == SETOP_NONE && node->intoClause == nullptr;
    if (plain && look == Look::passing)
      pass(node->targetList);
    else
      targets(node->targetList, plain && look == Look::outermost);
    for (int i = 0; i < length(node->distinctClause); ++i) {
      if (Node* expression = element(node->distinctClause, i); expression != nullptr)
        sorted(expression, node->targetList);
      else
        all_sorted(node->targetList);
    }
    for (int i = 0; i < length(node->groupClause); ++i) sorted(element(node->groupClause, i), node->targetList);
    for (int i = 0; i < length(node->sortClause); ++i) sorted(as<SortBy>(element(node->sortClause, i))->node, node->targetList);
    later(node->whereClause, Look::condition);
    later(node->havingClause, Look::condition);
    each(node->windowClause, Look::value);
    each(node->valuesLists, Look::value);
    later(node->limitOffset, Look::value);
    later(node->limitCount, Look::value);
  }

  void insert(InsertStmt* node, bool outermost) {
    with(node->withClause);
    table(node->relation);
    later(node->selectStmt, Look::nested);
    if (OnConflictClause* clause = node->onConflictClause; clause != nullptr) {
      if (clause->infer != nullptr) {
        for (int i = 0; i < length(clause->infer->indexElems); ++i) {
          auto* column = as<IndexElem>(element(clause->infer->indexElems, i));
          if (column->name != nullptr) mention({"", column->name, Place::sorted});
          later(column->expr, Look::value);
        }
        later(clause->infer->whereClause, Look::condition);
      }
      assigned(clause->targetList);
      later(clause->whereClause, Look::condition);
    }
    targets(node->returningList, outermost);
  }

  void update(UpdateStmt* node, bool outermost) {
    with(node->withClause);
    table(node->relation);
    assigned(node->targetList);
    each(node->fromClause, Look::from);
    later(node->whereClause, Look::condition);
    targets(node->returningList, outermost);
  }

  void delete_rows(DeleteStmt* node, bool outermost) {
    with(node->withClause);
    table(node->relation);
    each(node->usingClause, Look::from);
    later(node->whereClause, Look::condition);
    targets(node->returningList, outermost);
  }

  void merge(MergeStmt* node) {
    with(node->withClause);
    table(node->relation);
    later(node->sourceRelation, Look::from);
    later(node->joinCondition, Look::condition);
    each(node->mergeWhenClauses, Look::value);
  }

  void copy(CopyStmt* node) {
    later(node->query, Look::nested);
    later(node->whereClause, Look::condition);
    if (node->relation == nullptr || node->is_from) return;
    table(node->relation);
    CopyOut out;
    out.schema = text_or_empty(node->relation->schemaname);
    out.table = text_or_empty(node->relation->relname);
    for (int i = 0; i < length(node->attlist); ++i) out.columns.emplace_back(strVal(element(node->attlist, i)));
    for (int i = 0; i < length(node->options); ++i) {
      auto* option = as<DefElem>(element(node->options, i));
      out.options.emplace_back(text_or_empty(option->defname), option_text(option->arg));
    }
    if (out.columns.empty()) mention({out.table, "*", Place::copied});
    for (const auto& column : out.columns) mention({out.table, column, Place::copied});
    facts_.copy = std::make_shared<const CopyOut>(std::move(out));
  }

  /// "?" for what is no plain value.
  static std::string option_text(Node* node) {
    if (node == nullptr) return "true";
    switch (nodeTag(node)) {
      case T_String: return strVal(node);
      case T_Integer: return std::to_string(as<Integer>(node)->ival);
      case T_Boolean: return as<Boolean>(node)->boolval ? "true" : "false";
      case T_A_Star: return "*";
      default: return "?";
    }
  }

  // --- parts of statements ---

  /// The columns of a result, or of RETURNING.
  void targets(const List* list, bool plain) {
    for (int i = 0; i < length(list); ++i) {
      Node* shown = as<ResTarget>(element(list, i))->val;
      if (plain && is(shown, T_ColumnRef))
        column(as<ColumnRef>(shown), Place::output);
      else
        later(shown, Look::value);
    }
  }

  /// The columns of a subquery, under the names that they have outside.
  void pass(const List* list) {
    for (int i = 0; i < length(list); ++i) {
      auto* target = as<ResTarget>(element(list, i));
      if (!is(target->val, T_ColumnRef)) {
        later(target->val, Look::value);
        continue;
      }
      Mention inner = mentioned(as<ColumnRef>(target->val), Place::passed);
      passed_.push_back({target->name != nullptr ? target->name : inner.name, inner.qualifier, inner.name});
      mention(std::move(inner));
    }
  }

  void assigned(const List* list) {
    for (int i = 0; i < length(list); ++i) {
      auto* target = as<ResTarget>(element(list, i));
      later(target->val, Look::value);
      each(target->indirection, Look::value);
    }
  }

  void all_sorted(const List* shown) {
    if (!spend(length(shown))) return;
    for (int i = 0; i < length(shown); ++i)
      if (Node* each = as<ResTarget>(element(shown, i))->val; is(each, T_ColumnRef)) column(as<ColumnRef>(each), Place::sorted);
  }

  /// Of ORDER BY, GROUP BY and DISTINCT ON: a column, the name that the result gives to one, or its number there.
  void sorted(Node* first, const List* shown) {
    std::vector<Node*> parts = {first};
    while (!parts.empty()) {
      Node* const part = parts.back();
      parts.pop_back();
      ++visited_;
      const List* inner = is(part, T_GroupingSet) ? as<GroupingSet>(part)->content
                          : is(part, T_RowExpr)   ? as<RowExpr>(part)->args
                                                  : nullptr;
      for (int i = 0; i < length(inner); ++i) parts.push_back(element(inner, i));
      if (inner == nullptr) sorted_by(part, shown);
    }
  }

  void sorted_by(Node* by, const List* shown) {
    if (is(by, T_A_Const)) return by_number(as<A_Const>(by), shown);
    if (!is(by, T_ColumnRef)) return later(by, Look::value);
    auto* reference = as<ColumnRef>(by);
    column(reference, Place::sorted);
    if (length(reference->fields) != 1 || !is(element(reference->fields, 0), T_String)) return;
    const std::string_view name = strVal(element(reference->fields, 0));
    if (!spend(length(shown))) return;
    for (int i = 0; i < length(shown); ++i) {
      auto* target = as<ResTarget>(element(shown, i));
      if (target->name != nullptr && target->name == name && is(target->val, T_ColumnRef))
        column(as<ColumnRef>(target->val), Place::sorted);
    }
  }

  /// Behind a star the number is another column's than the list shows: then any column may be meant.
  void by_number(const A_Const* number, const List* shown) {
    if (!spend(length(shown))) return;
    for (int i = 0; i < length(shown); ++i)
      if (Node* each = as<ResTarget>(element(shown, i))->val; is(each, T_ColumnRef) && is_star(as<ColumnRef>(each)))
        return all_sorted(shown);
    if (number->isnull || nodeTag(&number->val.node) != T_Integer) return;
    const int at = number->val.ival.ival;
    if (at < 1 || at > length(shown)) return;
    if (Node* target = as<ResTarget>(element(shown, at - 1))->val; is(target, T_ColumnRef)) column(as<ColumnRef>(target), Place::sorted);
  }

  void table(const RangeVar* node) {
    const std::string name = text_or_empty(node->relname);
    tables_[node->alias == nullptr ? name : text_or_empty(node->alias->aliasname)].insert(name);
    if (node->alias != nullptr && length(node->alias->colnames) > 0) mention({name, "*", Place::computed});  // under other names
  }

  void from(Node* node) {
    switch (nodeTag(node)) {
      case T_RangeVar: return table(as<RangeVar>(node));
      case T_JoinExpr: return join(as<JoinExpr>(node));
      case T_RangeSubselect: return subselect(as<RangeSubselect>(node));
      case T_RangeTableSample:
        later(as<RangeTableSample>(node)->relation, Look::from);
        return each(as<RangeTableSample>(node)->args, Look::value);
      case T_RangeFunction: named(as<RangeFunction>(node)->alias); return later(node, Look::value);
      default: return later(node, Look::value);
    }
  }

  void subselect(RangeSubselect* node) {
    named(node->alias);
    const bool renamed = node->alias != nullptr && length(node->alias->colnames) > 0;
    later(node->subquery, renamed ? Look::nested : Look::passing);
  }

  void join(JoinExpr* node) {
    later(node->larg, Look::from);
    later(node->rarg, Look::from);
    later(node->quals, Look::condition);
    for (int i = 0; i < length(node->usingClause); ++i) mention({"", strVal(element(node->usingClause, i)), Place::compared});
    if (node->isNatural) mention({"", "*", Place::compared});
    if (node->join_using_alias != nullptr) joins_.insert(text_or_empty(node->join_using_alias->aliasname));
    if (node->alias == nullptr) return;
    joins_.insert(text_or_empty(node->alias->aliasname));
    if (length(node->alias->colnames) > 0) mention({"", "*", Place::computed});
  }

  void named(const Alias* alias) {
    if (alias != nullptr) derived_.insert(text_or_empty(alias->aliasname));
  }

  // --- expressions ---

  void beside(Node* operand, Place place) {
    if (is(operand, T_ColumnRef))
      column(as<ColumnRef>(operand), place);
    else
      later(operand, Look::value);
  }

  /// One column, and values as they are.
  static bool equates(const A_Expr* node, const std::vector<Node*>& operands) {
    if (node->kind != AEXPR_OP && node->kind != AEXPR_IN) return false;
    const std::string_view name = length(node->name) == 1 ? strVal(element(node->name, 0)) : "";
    if (name != "=" && name != "<>" && name != "!=") return false;
    const auto value = [](const Node* each) { return is(each, T_A_Const) || is(each, T_ParamRef); };
    const auto values = static_cast<std::size_t>(std::count_if(operands.begin(), operands.end(), value));
    return values + 1 == operands.size();
  }

  /// Something that only decides which rows are meant.
  void condition(Node* node) {
    switch (nodeTag(node)) {
      case T_ColumnRef: return column(as<ColumnRef>(node), Place::compared);
      case T_BoolExpr: return each(as<BoolExpr>(node)->args, Look::condition);
      case T_NullTest: return beside(reinterpret_cast<Node*>(as<NullTest>(node)->arg), Place::tested);
      case T_BooleanTest: return beside(reinterpret_cast<Node*>(as<BooleanTest>(node)->arg), Place::compared);
      case T_SubLink: beside(as<SubLink>(node)->testexpr, Place::compared); return later(as<SubLink>(node)->subselect, Look::nested);
      case T_A_Expr: break;
      default: return value(node);
    }
    auto* expression = as<A_Expr>(node);
    if (!is_comparison(expression)) return value(node);
    std::vector<Node*> operands = {expression->lexpr};
    if (is(expression->rexpr, T_List)) {
      auto* list = reinterpret_cast<List*>(expression->rexpr);
      for (int i = 0; i < length(list); ++i) operands.push_back(element(list, i));
    } else {
      operands.push_back(expression->rexpr);
    }
    const Place place = equates(expression, operands) ? Place::equated : Place::compared;
    for (Node* each : operands) beside(each, place);
  }

  static bool value_child(Node* node, void* walk) {
    static_cast<PlaceWalk*>(walk)->later(node, Look::value);
    return false;
  }

  void value(Node* node) {
    const NodeTag tag = nodeTag(node);
    if (tag == T_ColumnRef) return column(as<ColumnRef>(node), Place::computed);
    if (tag == T_SelectStmt) return statement(node, Look::nested);
    if (tag == T_RangeVar) return table(as<RangeVar>(node));
    if (expression_walker_knows(tag))
      raw_expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void*>(&PlaceWalk::value_child)), this);
  }

  static bool is_star(const ColumnRef* node) { return is(element(node->fields, length(node->fields) - 1), T_A_Star); }

  void column(const ColumnRef* node, Place place) { mention(mentioned(node, place)); }

  static Mention mentioned(const ColumnRef* node, Place place) {
    const int parts = length(node->fields);
    Mention made{"", is_star(node) ? "*" : strVal(element(node->fields, parts - 1)), place};
    if (parts > 1) made.qualifier = strVal(element(node->fields, parts - 2));
    return made;
  }

  /// What is named again and again never takes much room, nor time in the end.
  void mention(Mention made) {
    if (!mentions_.empty() && mentions_.back() == made) return;
    mentions_.push_back(std::move(made));
    if (mentions_.size() >= std::max<std::size_t>(1024, 2 * distinct_mentions_)) sort_mentions();
  }

  void sort_mentions() {
    std::sort(mentions_.begin(), mentions_.end());
    mentions_.erase(std::unique(mentions_.begin(), mentions_.end()), mentions_.end());
    distinct_mentions_ = mentions_.size();
  }

  // --- the end ---

  /// What becomes of a subquery's column outside becomes of the column that it passes.
  void follow_passed() {
    if (passed_.empty()) return;
    std::set<Mention> known(mentions_.begin(), mentions_.end());
    for (std::size_t i = 0; i < mentions_.size(); ++i) {  // grows: subqueries pass what subqueries pass
      Mention outer = mentions_[i];
      const bool row = outer.qualifier.empty() && derived_.contains(outer.name);
      if (row) outer.place = Place::computed;
      if (outer.place == Place::output || outer.place == Place::passed || outer.place == Place::tested) continue;
      const auto table = tables_.find(outer.qualifier);
      if (table != tables_.end() && !names_query(table->second)) continue;
      if (!spend(static_cast<int>(passed_.size()))) return;
      // Whoever replaces the value finds it by the column's own name, and not where a table's name stands for a query.
      const bool found_there = table == tables_.end();
      for (const auto& each : passed_) {
        const bool whole = row || outer.name == "*";
        if (!whole && each.name != "*" && each.name != outer.name) continue;
        Mention inner{each.inner_qualifier, each.inner_name == "*" && !whole ? outer.name : each.inner_name, outer.place};
        if (inner.place == Place::equated && (inner.name != outer.name || !found_there)) inner.place = Place::compared;
        if (known.insert(inner).second) mentions_.push_back(std::move(inner));
      }
    }
  }

  bool names_query(const std::set<std::string>& names) const {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return derived_.contains(name); });
  }

  void finish() {
    sort_mentions();
    follow_passed();
    auto& places = facts_.places;
    for (auto& each : mentions_) {
      if (!spend(1)) return;
      if (each.qualifier.empty()) {
        // The name of a table stands for its whole row.
        if (const auto whole = tables_.find(each.name); whole != tables_.end())
          for (const auto& name : whole->second)
            if (spend(kPlaceSteps)) places.push_back({name, "*", Place::computed});
        if (joins_.contains(each.name)) places.push_back({"", "*", Place::computed});
        places.push_back({"", std::move(each.name), each.place});
        continue;
      }
      const auto found = tables_.find(each.qualifier);
      if (found != tables_.end())
        for (const auto& name : found->second)
          if (spend(kPlaceSteps)) places.push_back({name, each.name, each.place});
      // `excluded` is the row that the statement itself brought. The output of a subquery was looked at inside.
      const bool harmless = found != tables_.end() || each.qualifier == "excluded" || derived_.contains(each.qualifier);
      if (!harmless || joins_.contains(each.qualifier)) places.push_back({"", std::move(each.name), each.place});
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
  }

  ShapeFacts& facts_;
  std::vector<Pending> pending_;
  std::vector<Mention> mentions_;
  std::vector<Passed> passed_;
  std::map<std::string, std::set<std::string>, std::less<>> tables_;  ///< by what they are called in the statement
  std::set<std::string> joins_;                                       ///< names of joins, whose columns are their tables'
  std::set<std::string> derived_;                                     ///< names of subqueries, WITH queries and functions
  std::size_t distinct_mentions_ = 0;                                 ///< when they were last sorted
  std::size_t visited_ = 0;
};

}  // namespace

Result<void> collect_column_places(const List* statements, ShapeFacts& facts) { return PlaceWalk(facts).run(statements); }

}  // namespace bulwark::database::sql
