// One walk over the raw parse tree with a stack of its own. Whether a comparison stands where it may is judged by the shape's places.
#include "database/sql/value_sites.h"

#include <algorithm>
#include <set>

#include "database/parsed_statement.h"
#include "database/sql/facts.h"
#include "database/sql/raw_nodes.h"
#include "database/sql/raw_parse.h"

namespace bulwark::database::sql {
namespace {

class SiteWalk {
 public:
  explicit SiteWalk(ValueSites& out) : out_(out) {}

  Result<void> run(const List* statements) {
    for (int i = 0; i < length(statements); ++i) push(as<RawStmt>(element(statements, i))->stmt);
    while (!pending_.empty()) {
      if (++visited_ > ParsedStatement::kMaxNodes) return client_error(Code::too_large, "statement has too many parts");
      Node* const next = pending_.back();
      pending_.pop_back();
      visit(next);
    }
    for (auto& site : out_.sites) resolve(site);
    return {};
  }

 private:
  void push(const void* node) {
    if (node != nullptr) pending_.push_back(static_cast<Node*>(const_cast<void*>(node)));
  }
  static bool push_child(Node* node, void* walk) {
    static_cast<SiteWalk*>(walk)->push(node);
    return false;
  }
  void children(Node* node) {
    raw_expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void*>(&SiteWalk::push_child)), this);
  }

  void visit(Node* node) {
    switch (nodeTag(node)) {
      case T_PrepareStmt: return push(as<PrepareStmt>(node)->query);
      case T_DeclareCursorStmt: return push(as<DeclareCursorStmt>(node)->query);
      case T_ExplainStmt: return push(as<ExplainStmt>(node)->query);
      case T_CreateTableAsStmt: return push(as<CreateTableAsStmt>(node)->query);
      case T_CopyStmt: return copy(as<CopyStmt>(node));
      case T_RangeVar: return table(as<RangeVar>(node));
      case T_ParamRef: ++out_.parameters[static_cast<std::uint32_t>(as<ParamRef>(node)->number)]; return;
      case T_InsertStmt: insert(as<InsertStmt>(node)); return children(node);
      case T_UpdateStmt:
        table(as<UpdateStmt>(node)->relation);
        assigned(as<UpdateStmt>(node)->targetList, as<UpdateStmt>(node)->relation);
        return children(node);
      case T_DeleteStmt: return children(node);
      case T_MergeStmt: merge(as<MergeStmt>(node)); return children(node);
      case T_A_Expr: compare(as<A_Expr>(node)); return children(node);
      default:
        if (expression_walker_knows(nodeTag(node))) children(node);
    }
  }

  void table(const RangeVar* node) {
    const std::string name = text_or_empty(node->relname);
    tables_[node->alias == nullptr ? name : text_or_empty(node->alias->aliasname)].insert(name);
  }

  static ValueOperand operand(Node* node) {
    ValueOperand made;
    if (is(node, T_SetToDefault)) {
      made.kind = ValueOperand::Kind::nothing;
    } else if (is(node, T_ParamRef)) {
      made.kind = ValueOperand::Kind::parameter;
      made.parameter = static_cast<std::uint32_t>(as<ParamRef>(node)->number);
    } else if (is(node, T_ColumnRef) && name_of(as<ColumnRef>(node)).qualifier == "excluded") {
      made.kind = ValueOperand::Kind::copied;
      made.value = name_of(as<ColumnRef>(node)).name;
    } else if (is(node, T_A_Const)) {
      literal(as<A_Const>(node), made);
    }
    return made;
  }

  /// A negative number is a literal whose place is its sign's.
  static void literal(const A_Const* node, ValueOperand& made) {
    made.kind = node->isnull ? ValueOperand::Kind::nothing : ValueOperand::Kind::literal;
    made.begin = static_cast<std::uint32_t>(node->location);
    if (node->isnull) return;
    switch (nodeTag(&node->val.node)) {
      case T_String: made.value = node->val.sval.sval; return;
      case T_Integer: made.value = std::to_string(node->val.ival.ival); return;
      case T_Float: made.value = node->val.fval.fval; return;
      default: made.kind = ValueOperand::Kind::other;
    }
  }

  void insert(const InsertStmt* node) {
    const std::string name = text_or_empty(node->relation->relname);
    table(node->relation);
    if (node->onConflictClause != nullptr) assigned(node->onConflictClause->targetList, node->relation);
    const auto* source = as<SelectStmt>(node->selectStmt);
    if (source == nullptr) return;  // DEFAULT VALUES
    const int columns = length(node->cols);
    if (length(source->valuesLists) == 0) {
      // Rows of a query: each named column, or any, gets what cannot be looked into.
      for (int i = 0; i < columns; ++i) store(name, text_or_empty(as<ResTarget>(element(node->cols, i))->name), 0, {ValueOperand{}});
      if (columns == 0) store(name, "*", 0, {ValueOperand{}});
      return;
    }
    const int width = columns > 0 ? columns : widest(source->valuesLists);
    // Row by row: of many columns and many short rows, most have no value for each other.
    std::vector<std::vector<ValueOperand>> operands(static_cast<std::size_t>(width));
    for (int row = 0; row < length(source->valuesLists); ++row) {
      const auto* values = reinterpret_cast<List*>(element(source->valuesLists, row));
      for (int i = 0; i < std::min(width, length(values)); ++i)
        operands[static_cast<std::size_t>(i)].push_back(operand(element(values, i)));
    }
    for (int i = 0; i < width; ++i)
      store(name, columns > 0 ? text_or_empty(as<ResTarget>(element(node->cols, i))->name) : "", static_cast<std::size_t>(i),
            std::move(operands[static_cast<std::size_t>(i)]));
  }

  static int widest(const List* rows) {
    int most = 0;
    for (int i = 0; i < length(rows); ++i) most = std::max(most, length(reinterpret_cast<List*>(element(rows, i))));
    return most;
  }

  void store(const std::string& table, std::string column, std::size_t position, std::vector<ValueOperand> operands) {
    out_.sites.push_back({false, {table}, std::move(column), position, 0, 0, std::move(operands)});
  }

  /// SET (a, b) = (…) is an expression here.
  void assigned(const List* targets, const RangeVar* relation) {
    for (int i = 0; i < length(targets); ++i) {
      auto* target = as<ResTarget>(element(targets, i));
      ValueOperand value = operand(target->val);
      if (value.kind == ValueOperand::Kind::copied && value.value != text_or_empty(target->name)) value.kind = ValueOperand::Kind::other;
      if (length(target->indirection) > 0) value.kind = ValueOperand::Kind::other;
      store(text_or_empty(relation->relname), text_or_empty(target->name), 0, {std::move(value)});
    }
  }

  void merge(const MergeStmt* node) {
    table(node->relation);
    store(text_or_empty(node->relation->relname), "*", 0, {ValueOperand{}});
  }

  void copy(const CopyStmt* node) {
    push(node->query);
    if (node->relation == nullptr || !node->is_from) return;
    const std::string name = text_or_empty(node->relation->relname);
    if (node->attlist == nullptr) store(name, "*", 0, {ValueOperand{}});
    for (int i = 0; i < length(node->attlist); ++i) store(name, strVal(element(node->attlist, i)), 0, {ValueOperand{}});
  }

  void compare(const A_Expr* node) {
    const bool operators = node->kind == AEXPR_OP || node->kind == AEXPR_IN;
    if (!operators || length(node->name) != 1) return;
    const std::string_view name = strVal(element(node->name, 0));
    if (name != "=" && name != "<>" && name != "!=") return;
    if (is(node->rexpr, T_List)) return compare_with(node->lexpr, reinterpret_cast<List*>(node->rexpr));
    compare_with(node->lexpr, node->rexpr);
    compare_with(node->rexpr, node->lexpr);
  }

  void compare_with(Node* column, Node* value) {
    if (is(column, T_ColumnRef)) add_comparison(as<ColumnRef>(column), {operand(value)});
  }
  void compare_with(Node* column, const List* values) {
    if (!is(column, T_ColumnRef)) return;
    std::vector<ValueOperand> operands;
    for (int i = 0; i < length(values); ++i) operands.push_back(operand(element(values, i)));
    add_comparison(as<ColumnRef>(column), std::move(operands));
  }
  void add_comparison(const ColumnRef* column, std::vector<ValueOperand> operands) {
    const ColumnName name = name_of(column);
    if (name.name == "*") return;
    out_.sites.push_back({true,
                          {name.qualifier},
                          name.name,
                          0,
                          static_cast<std::uint32_t>(column->location),
                          static_cast<std::uint32_t>(length(column->fields)),
                          std::move(operands)});
  }

  /// A comparison knows its table by what it is called in the statement.
  void resolve(ValueSite& site) const {
    if (!site.compared) return;
    const auto found = tables_.find(site.tables.front());
    site.tables.clear();
    if (found != tables_.end()) site.tables.assign(found->second.begin(), found->second.end());
  }

  ValueSites& out_;
  std::vector<Node*> pending_;
  std::map<std::string, std::set<std::string>> tables_;
  std::size_t visited_ = 0;
};

}  // namespace

Result<ValueSites> collect_value_sites(const std::string& text, const LexerOptions& options) {
  BulwarkRawTree tree;
  bulwark_raw_parse(text.c_str(), options.standard_conforming_strings, &tree);
  if (tree.message[0] != '\0') return client_error(Code::invalid, tree.message);
  ValueSites sites;
  TRY(SiteWalk(sites).run(static_cast<const List*>(tree.statements)));
  return sites;
}

}  // namespace bulwark::database::sql
