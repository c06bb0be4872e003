// Looking names up outwards, and following equalities from column to column.
#include "database/sql/query_scopes.h"

namespace bulwark::database::sql {

int QueryScopes::find(int scope, std::string_view alias) {
  for (; scope != kNone; scope = parent(scope)) {
    const Items here = items(scope);
    for (int each = here.begin; each < here.end && spend(1); ++each)
      if (item(each).alias == alias) return each;
    if (!spend(1)) return kNone;
  }
  return kNone;
}

QueryScopes::Items QueryScopes::candidates(int scope, std::string_view qualifier) {
  if (qualifier.empty()) return items(scope);
  const int found = find(scope, qualifier);
  return found == kNone ? Items() : Items{found, found + 1};
}

const std::set<QueryScopes::Column>& QueryScopes::settle() {
  std::vector<Column> reached(fixed_.begin(), fixed_.end());
  while (!reached.empty()) {
    const Column leader = std::move(reached.back());
    reached.pop_back();
    const auto [begin, end] = followers_.equal_range(leader);
    for (auto each = begin; each != end; ++each)
      if (fixed_.insert(each->second).second) reached.push_back(each->second);
  }
  return fixed_;
}

}  // namespace bulwark::database::sql
