// Small questions to nodes of libpg_query's raw parse tree, for the walks over it. Brings the server's headers in: for sources only.
#pragma once

#include <string>
#include <string_view>

extern "C" {
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "nodes/nodes.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
}

namespace bulwark::database::sql {

inline std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }
inline int length(const List* list) { return list == nullptr ? 0 : list->length; }
inline Node* element(const List* list, int i) { return static_cast<Node*>(list->elements[i].ptr_value); }
template <class T>
T* as(Node* node) {
  return reinterpret_cast<T*>(node);
}
inline bool is(const Node* node, NodeTag tag) { return node != nullptr && nodeTag(node) == tag; }

/// A literal or a parameter, through casts.
inline bool is_constant(Node* node) {
  while (is(node, T_TypeCast)) node = as<TypeCast>(node)->arg;
  return is(node, T_ParamRef) || (is(node, T_A_Const) && !as<A_Const>(node)->isnull);
}

/// `=` of PostgreSQL itself.
inline bool is_equality(const A_Expr* node) {
  const int parts = length(node->name);
  if (parts == 0 || parts > 2 || std::string_view(strVal(element(node->name, parts - 1))) != "=") return false;
  if (parts == 2 && std::string_view(strVal(element(node->name, 0))) != "pg_catalog") return false;
  return node->kind == AEXPR_OP || node->kind == AEXPR_NOT_DISTINCT || node->kind == AEXPR_IN;
}

struct ColumnName {
  std::string qualifier;
  std::string name;  ///< "*" for whole rows
};

inline ColumnName name_of(const ColumnRef* node) {
  const int parts = length(node->fields);
  Node* last = element(node->fields, parts - 1);
  ColumnName out;
  out.name = is(last, T_String) ? strVal(last) : "*";
  if (parts > 1) out.qualifier = strVal(element(node->fields, parts - 2));
  return out;
}

}  // namespace bulwark::database::sql
