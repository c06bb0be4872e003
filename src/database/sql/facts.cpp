// The walk over libpg_query's C tree. Expression nodes are enumerated by PostgreSQL's own raw_expression_tree_walker, one level at
// a time; statements that it does not know are listed here.
#include "database/sql/facts.h"

#include <algorithm>
#include <map>
#include <set>

#include "database/sql/column_places.h"
#include "database/sql/raw_nodes.h"
#include "database/sql/raw_parse.h"
#include "database/sql/table_uses.h"

extern "C" {
#include "catalog/pg_class.h"
}

namespace bulwark::database::sql {
namespace {

Command command_of(NodeTag tag) {
  switch (tag) {
    case T_SelectStmt: return Command::select;
    case T_InsertStmt: return Command::insert;
    case T_UpdateStmt: return Command::update;
    case T_DeleteStmt: return Command::delete_rows;
    case T_MergeStmt: return Command::merge;
    case T_CopyStmt: return Command::copy;
    case T_TransactionStmt: return Command::transaction;
    case T_VariableSetStmt:
    case T_DiscardStmt:
    case T_ConstraintsSetStmt: return Command::set;
    case T_VariableShowStmt: return Command::show;
    case T_PrepareStmt: return Command::prepare;
    case T_ExecuteStmt: return Command::execute;
    case T_DeallocateStmt: return Command::deallocate;
    case T_DeclareCursorStmt:
    case T_FetchStmt:
    case T_ClosePortalStmt: return Command::cursor;
    case T_ExplainStmt: return Command::explain;
    case T_CallStmt: return Command::call;
    case T_DoStmt: return Command::do_block;
    case T_ListenStmt:
    case T_NotifyStmt:
    case T_UnlistenStmt: return Command::listen;
    case T_LockStmt: return Command::lock;
    case T_TruncateStmt: return Command::truncate;
    case T_CreateRoleStmt:
    case T_AlterRoleStmt:
    case T_AlterRoleSetStmt:
    case T_DropRoleStmt:
    case T_GrantStmt:
    case T_GrantRoleStmt:
    case T_AlterDefaultPrivilegesStmt:
    case T_AlterOwnerStmt:
    case T_ReassignOwnedStmt:
    case T_DropOwnedStmt:
    case T_AlterSystemStmt:
    case T_CreatePolicyStmt:
    case T_AlterPolicyStmt: return Command::role;
    case T_VacuumStmt:
    case T_ReindexStmt:
    case T_ClusterStmt:
    case T_CheckPointStmt:
    case T_RefreshMatViewStmt: return Command::maintenance;
    default: return tag >= T_RawStmt && tag <= T_CallStmt ? Command::define : Command::other;
  }
}

/// Statements that bring code into the server or connect it elsewhere.
bool brings_code(NodeTag tag) {
  switch (tag) {
    case T_DoStmt:
    case T_CreateFunctionStmt:
    case T_LoadStmt:
    case T_CreatePLangStmt:
    case T_CreateExtensionStmt:
    case T_AlterExtensionStmt:
    case T_CreateFdwStmt:
    case T_CreateForeignServerStmt:
    case T_CreateUserMappingStmt:
    case T_CreateSubscriptionStmt:
    case T_CreateEventTrigStmt: return true;
    default: return false;
  }
}

bool walker_knows(NodeTag tag) {
  switch (tag) {
    case T_List:
    case T_SelectStmt:
    case T_MergeWhenClause:
    case T_A_Expr:
    case T_BoolExpr:
    case T_NamedArgExpr:
    case T_A_Indices:
    case T_A_Indirection:
    case T_A_ArrayExpr:
    case T_ResTarget:
    case T_MultiAssignRef:
    case T_TypeCast:
    case T_CollateClause:
    case T_SortBy:
    case T_WindowDef:
    case T_RangeSubselect:
    case T_RangeFunction:
    case T_RangeTableSample:
    case T_RangeTableFunc:
    case T_RangeTableFuncCol:
    case T_TypeName:
    case T_ColumnDef:
    case T_IndexElem:
    case T_GroupingSet:
    case T_XmlSerialize:
    case T_WithClause:
    case T_InferClause:
    case T_OnConflictClause:
    case T_FuncCall:
    case T_CommonTableExpr:
    case T_SubLink:
    case T_CaseExpr:
    case T_RowExpr:
    case T_CoalesceExpr:
    case T_MinMaxExpr:
    case T_XmlExpr:
    case T_NullTest:
    case T_BooleanTest:
    case T_JoinExpr:
    case T_GroupingFunc: return true;
    default: return false;
  }
}

class FactWalk {
 public:
  explicit FactWalk(ShapeFacts& facts) : facts_(facts) {}

  Result<void> run(const List* statements) {
    const int count = statements == nullptr ? 0 : statements->length;
    for (int i = 0; i < count; ++i) {
      auto* statement = reinterpret_cast<RawStmt*>(statements->elements[i].ptr_value)->stmt;
      facts_.commands.push_back(command_of(nodeTag(statement)));
      push(statement, 0);
    }
    while (!pending_.empty()) {
      if (++visited_ > ParsedStatement::kMaxNodes) return too_large();
      const Pending next = pending_.back();
      pending_.pop_back();
      visit(next.node, next.access);
      if (facts_.relations.size() > ParsedStatement::kMaxTables) return too_large();
    }
    facts_.session.reads = reads_sequence_ && !draws_from_sequence_;
    for (auto& each : facts_.relations) each.maybe_cte = each.schema.empty() && cte_names_.contains(each.name);
    return {};
  }

 private:
  struct Pending {
    Node* node;
    std::uint8_t access;  ///< of a RangeVar found here; 0 stands for reading
  };

  static Error too_large() { return client_error(Code::too_large, "statement has too many parts"); }

  static bool push_child(Node* node, void* walk) {
    static_cast<FactWalk*>(walk)->push(node, 0);
    return false;
  }

  void push(void* node, std::uint8_t access) {
    if (node != nullptr) pending_.push_back({static_cast<Node*>(node), access});
  }

  void push_children(Node* node) {
    raw_expression_tree_walker(node, reinterpret_cast<bool (*)()>(reinterpret_cast<void*>(&FactWalk::push_child)), this);
  }

  void visit(Node* node, std::uint8_t use) {
    const NodeTag tag = nodeTag(node);
    if (tag == T_List && use != 0) return spread(reinterpret_cast<List*>(node), use);
    if (tag == T_RangeVar) return relation(reinterpret_cast<RangeVar*>(node), use == 0 ? access::kRead : use);
    if (tag == T_FuncCall) function(reinterpret_cast<FuncCall*>(node));
    if (tag == T_CommonTableExpr) cte_names_.insert(text_or_empty(reinterpret_cast<CommonTableExpr*>(node)->ctename));
    if (walker_knows(tag)) return push_children(node);
    if (statement(node, tag)) return;
    if (command_of(tag) == Command::role) facts_.changes_roles = true;
    if (brings_code(tag)) facts_.runs_server_code = true;
  }

  void spread(List* list, std::uint8_t use) {
    for (int i = 0; i < list->length; ++i) push(list->elements[i].ptr_value, use);
  }

  bool statement(Node* node, NodeTag tag) {
    switch (tag) {
      case T_InsertStmt: insert(reinterpret_cast<InsertStmt*>(node)); return true;
      case T_UpdateStmt: update(reinterpret_cast<UpdateStmt*>(node)); return true;
      case T_DeleteStmt: delete_rows(reinterpret_cast<DeleteStmt*>(node)); return true;
      case T_MergeStmt: merge(reinterpret_cast<MergeStmt*>(node)); return true;
      case T_CopyStmt: copy(reinterpret_cast<CopyStmt*>(node)); return true;
      case T_VariableSetStmt: set(reinterpret_cast<VariableSetStmt*>(node)); return true;
      case T_ListenStmt: facts_.session.stays = true; return true;
      case T_DiscardStmt: facts_.session.discards_all |= reinterpret_cast<DiscardStmt*>(node)->target == DISCARD_ALL; return true;
      case T_DeallocateStmt: deallocate(reinterpret_cast<DeallocateStmt*>(node)); return true;
      default: return wrapping_statement(node, tag) || defining_statement(node, tag);
    }
  }

  /// Statements around another one.
  bool wrapping_statement(Node* node, NodeTag tag) {
    switch (tag) {
      case T_PrepareStmt:
        facts_.session.stays = true;
        push(reinterpret_cast<PrepareStmt*>(node)->query, 0);
        return true;
      case T_ExecuteStmt: push(reinterpret_cast<ExecuteStmt*>(node)->params, 0); return true;
      case T_DeclareCursorStmt:
        facts_.session.stays |= (reinterpret_cast<DeclareCursorStmt*>(node)->options & CURSOR_OPT_HOLD) != 0;
        push(reinterpret_cast<DeclareCursorStmt*>(node)->query, 0);
        return true;
      case T_ExplainStmt: push(reinterpret_cast<ExplainStmt*>(node)->query, 0); return true;
      case T_CallStmt: push(reinterpret_cast<CallStmt*>(node)->funccall, 0); return true;
      case T_CreateTableAsStmt:
        push(reinterpret_cast<CreateTableAsStmt*>(node)->query, 0);
        push(reinterpret_cast<CreateTableAsStmt*>(node)->into, 0);
        return true;
      case T_ViewStmt:
        push(reinterpret_cast<ViewStmt*>(node)->view, access::kDefine);
        push(reinterpret_cast<ViewStmt*>(node)->query, 0);
        return true;
      case T_IntoClause: push(reinterpret_cast<IntoClause*>(node)->rel, access::kDefine); return true;
      case T_RuleStmt:
        push(reinterpret_cast<RuleStmt*>(node)->relation, access::kDefine);
        push(reinterpret_cast<RuleStmt*>(node)->whereClause, 0);
        push(reinterpret_cast<RuleStmt*>(node)->actions, 0);
        return true;
      default: return false;
    }
  }

  bool defining_statement(Node* node, NodeTag tag) {
    switch (tag) {
      case T_TruncateStmt: push(reinterpret_cast<TruncateStmt*>(node)->relations, access::kTruncate); return true;
      case T_LockStmt: push(reinterpret_cast<LockStmt*>(node)->relations, access::kUpdate); return true;
      case T_CreateStmt:
        push(reinterpret_cast<CreateStmt*>(node)->relation, access::kDefine);
        push(reinterpret_cast<CreateStmt*>(node)->tableElts, 0);
        return true;
      case T_CreateSeqStmt: push(reinterpret_cast<CreateSeqStmt*>(node)->sequence, access::kDefine); return true;
      case T_Constraint: push(reinterpret_cast<Constraint*>(node)->raw_expr, 0); return true;
      case T_IndexStmt:
        push(reinterpret_cast<IndexStmt*>(node)->relation, access::kDefine);
        push(reinterpret_cast<IndexStmt*>(node)->indexParams, 0);
        push(reinterpret_cast<IndexStmt*>(node)->whereClause, 0);
        return true;
      case T_AlterTableStmt:
        push(reinterpret_cast<AlterTableStmt*>(node)->relation, access::kDefine);
        push(reinterpret_cast<AlterTableStmt*>(node)->cmds, 0);
        return true;
      case T_AlterTableCmd:
        push(reinterpret_cast<AlterTableCmd*>(node)->def, 0);
        if (reinterpret_cast<AlterTableCmd*>(node)->subtype == AT_ChangeOwner) facts_.changes_roles = true;
        return true;
      case T_RefreshMatViewStmt: push(reinterpret_cast<RefreshMatViewStmt*>(node)->relation, access::kUpdate); return true;
      case T_CreateTrigStmt: push(reinterpret_cast<CreateTrigStmt*>(node)->relation, access::kDefine); return true;
      case T_DropStmt: drop(reinterpret_cast<DropStmt*>(node)); return true;
      case T_RenameStmt: push(reinterpret_cast<RenameStmt*>(node)->relation, access::kDefine); return true;
      default: return false;
    }
  }

  void drop(const DropStmt* node) {
    switch (node->removeType) {
      case OBJECT_TABLE:
      case OBJECT_VIEW:
      case OBJECT_MATVIEW:
      case OBJECT_FOREIGN_TABLE:
      case OBJECT_SEQUENCE:
      case OBJECT_INDEX: break;
      default: return;  // their objects are no relations
    }
    for (int i = 0; i < node->objects->length; ++i) {
      const auto* name = static_cast<const List*>(node->objects->elements[i].ptr_value);
      const auto part = [name](int k) { return std::string(strVal(name->elements[k].ptr_value)); };
      relation(name->length > 1 ? part(name->length - 2) : std::string(), part(name->length - 1), access::kDefine);
    }
  }

  void insert(InsertStmt* node) {
    push(node->relation, access::kInsert);
    push(node->cols, 0);
    push(node->selectStmt, 0);
    push(node->onConflictClause, 0);
    push(node->returningList, 0);
    push(node->withClause, 0);
    if (node->onConflictClause != nullptr && node->onConflictClause->action == ONCONFLICT_UPDATE) push(node->relation, access::kUpdate);
  }

  void update(UpdateStmt* node) {
    push(node->relation, access::kUpdate);
    push(node->targetList, 0);
    push(node->whereClause, 0);
    push(node->fromClause, 0);
    push(node->returningList, 0);
    push(node->withClause, 0);
    if (node->whereClause == nullptr && node->fromClause == nullptr) facts_.writes_without_where = true;
  }

  void delete_rows(DeleteStmt* node) {
    push(node->relation, access::kDelete);
    push(node->usingClause, 0);
    push(node->whereClause, 0);
    push(node->returningList, 0);
    push(node->withClause, 0);
    if (node->whereClause == nullptr && node->usingClause == nullptr) facts_.writes_without_where = true;
  }

  void merge(MergeStmt* node) {
    push(node->relation, access::kInsert | access::kUpdate | access::kDelete);
    push(node->sourceRelation, 0);
    push(node->joinCondition, 0);
    push(node->mergeWhenClauses, 0);
    push(node->withClause, 0);
  }

  void copy(CopyStmt* node) {
    push(node->relation, node->is_from ? access::kInsert : access::kRead);
    push(node->query, 0);
    push(node->whereClause, 0);
    facts_.copies_program |= node->is_program;
    facts_.copies_server_file |= node->filename != nullptr && !node->is_program;
  }

  void set(VariableSetStmt* node) {
    std::string value;
    for (int i = 0; node->args != nullptr && i < node->args->length; ++i) {
      if (i > 0) value.push_back(',');
      value.append(constant(static_cast<Node*>(node->args->elements[i].ptr_value)));
    }
    const std::string name = node->kind == VAR_RESET_ALL ? "all" : text_or_empty(node->name);
    add_setting(name, value, node->is_local || name.starts_with("TRANSACTION"));
  }

  void function(FuncCall* node) {
    FunctionUse use;
    const int parts = node->funcname->length;
    use.name = strVal(node->funcname->elements[parts - 1].ptr_value);
    if (parts > 1) use.schema = strVal(node->funcname->elements[parts - 2].ptr_value);
    if (use.name == "set_config") set_config(node->args);
    session_effects(use.name);
    if (seen_functions_.emplace(use.schema, use.name).second) facts_.functions.push_back(std::move(use));
  }

  void set_config(const List* args) {
    facts_.depends_on_literals = true;
    const auto argument = [args](int index) {
      return args != nullptr && index < args->length ? constant(static_cast<Node*>(args->elements[index].ptr_value)) : "?";
    };
    add_setting(argument(0), argument(1), argument(2) == "true" || argument(2) == "t");
  }

  void session_effects(std::string_view function) {
    static constexpr std::string_view kLocks[] = {"pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock",
                                                  "pg_try_advisory_lock_shared"};
    facts_.session.stays |= function == "setseed" || std::find(std::begin(kLocks), std::end(kLocks), function) != std::end(kLocks);
    reads_sequence_ |= function == "currval" || function == "lastval";
    draws_from_sequence_ |= function == "nextval";
  }

  void deallocate(const DeallocateStmt* node) {
    facts_.session.deallocates_all |= node->name == nullptr;
    facts_.session.deallocates = text_or_empty(node->name);
  }

  void add_setting(std::string name, std::string value, bool local) {
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    facts_.settings.push_back({std::move(name), std::move(value), local});
  }

  /// A constant's text, through a cast; "?" for anything else.
  static std::string constant(Node* node) {
    if (node == nullptr) return "?";
    if (nodeTag(node) == T_TypeCast) node = reinterpret_cast<TypeCast*>(node)->arg;
    if (node == nullptr || nodeTag(node) != T_A_Const) return "?";
    auto* value = reinterpret_cast<A_Const*>(node);
    if (value->isnull) return "";
    switch (nodeTag(&value->val.node)) {
      case T_String: return value->val.sval.sval;
      case T_Integer: return std::to_string(value->val.ival.ival);
      case T_Float: return value->val.fval.fval;
      case T_Boolean: return value->val.boolval.boolval ? "true" : "false";
      default: return "?";
    }
  }

  void relation(const RangeVar* node, std::uint8_t use) {
    std::string schema = text_or_empty(node->schemaname);
    facts_.session.stays |= node->relpersistence == RELPERSISTENCE_TEMP || schema.starts_with("pg_temp");
    relation(std::move(schema), text_or_empty(node->relname), use);
  }

  void relation(std::string schema, std::string name, std::uint8_t use) {
    const auto [place, added] = seen_relations_.emplace(std::pair(schema, name), facts_.relations.size());
    if (added)
      facts_.relations.push_back({std::move(schema), std::move(name), use, false});
    else
      facts_.relations[place->second].access |= use;
  }

  ShapeFacts& facts_;
  std::vector<Pending> pending_;
  std::set<std::string> cte_names_;
  std::map<std::pair<std::string, std::string>, std::size_t> seen_relations_;  ///< schema and name: the place in the facts
  std::set<std::pair<std::string, std::string>> seen_functions_;
  std::size_t visited_ = 0;
  bool reads_sequence_ = false;
  bool draws_from_sequence_ = false;
};

}  // namespace

Result<void> collect_facts(const std::string& text, const LexerOptions& options, ShapeFacts& facts, std::uint32_t& error_position) {
  BulwarkRawTree tree;
  bulwark_raw_parse(text.c_str(), options.standard_conforming_strings, &tree);
  error_position = tree.position > 0 ? static_cast<std::uint32_t>(tree.position) : 0;
  if (tree.message[0] != '\0') return client_error(Code::invalid, tree.message);
  const auto* statements = static_cast<const List*>(tree.statements);
  TRY(FactWalk(facts).run(statements));
  TRY(collect_table_uses(statements, facts));
  return collect_column_places(statements, facts);
}

bool expression_walker_knows(int node_tag) { return walker_knows(static_cast<NodeTag>(node_tag)); }

}  // namespace bulwark::database::sql
