// Looking names up outwards, and following equalities until nothing new is fixed.
#include "database/sql/query_scopes.h"

namespace bulwark::database::sql {

int QueryScopes::find(int scope, std::string_view alias) const {
  for (; scope != kNone; scope = parent(scope))
    for (const int each : items(scope))
      if (item(each).alias == alias) return each;
  return kNone;
}

std::vector<int> QueryScopes::candidates(int scope, std::string_view qualifier) const {
  if (qualifier.empty()) return items(scope);
  const int found = find(scope, qualifier);
  return found == kNone ? std::vector<int>() : std::vector<int>{found};
}

const std::set<QueryScopes::Column>& QueryScopes::settle() {
  bool changed = true;
  for (int round = 0; changed && round < kMaxRounds; ++round) {
    changed = false;
    for (const auto& each : follows_)
      if (fixed_.contains(each.leader)) changed |= fixed_.insert(each.follower).second;
  }
  return fixed_;
}

}  // namespace bulwark::database::sql
