// Rules meet the tables that they name, their families and the views over them.
#include "database/protection/catalogue.h"

#include <algorithm>

namespace bulwark::database {

const CatalogueColumn* CatalogueRelation::column(std::string_view wanted) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const CatalogueColumn& each) { return each.name == wanted; });
  return found == columns.end() ? nullptr : &*found;
}

const CatalogueColumn* CatalogueRelation::column(std::uint16_t number) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const CatalogueColumn& each) { return each.number == number; });
  return found == columns.end() ? nullptr : &*found;
}

ColumnPath ColumnPath::of(std::string_view dotted) {
  ColumnPath path;
  const auto last = dotted.rfind('.');
  if (last == std::string_view::npos) return path;
  path.column = dotted.substr(last + 1);
  dotted = dotted.substr(0, last);
  const auto first = dotted.rfind('.');
  if (first != std::string_view::npos) path.schema = dotted.substr(0, first);
  path.table = first == std::string_view::npos ? dotted : dotted.substr(first + 1);
  return path;
}

Catalogue::Catalogue(CatalogueRows rows, std::span<const ColumnPath> rules)
    : relations_(std::move(rows.relations)), functions_(std::move(rows.functions)), system_(std::move(rows.system_relations)) {
  for (std::size_t i = 0; i < relations_.size(); ++i) {
    by_id_.emplace(relations_[i].id, i);
    by_name_.emplace(relations_[i].name, i);
  }
  take_columns(std::move(rows.columns), rules);
  follow_views(rows.view_uses);
}

/// A column may come several times, once for each root of its family.
void Catalogue::take_columns(std::vector<CatalogueRows::Column> rows, std::span<const ColumnPath> rules) {
  std::multimap<std::pair<std::string_view, std::string_view>, std::size_t> wanted;
  for (std::size_t i = 0; i < rules.size(); ++i)
    wanted.emplace(std::pair<std::string_view, std::string_view>(rules[i].table, rules[i].column), i);
  std::vector<bool> matched(rules.size());
  for (auto& row : rows) {
    const auto relation = by_id_.find(row.relation);
    const auto root = by_id_.find(row.root);
    if (relation == by_id_.end() || root == by_id_.end()) continue;
    auto& columns = relations_[relation->second].columns;
    auto place =
        std::find_if(columns.begin(), columns.end(), [&](const CatalogueColumn& each) { return each.number == row.column.number; });
    const CatalogueRelation& named = relations_[root->second];
    std::vector<std::size_t> found;
    const auto [begin, end] = wanted.equal_range(std::pair<std::string_view, std::string_view>(named.name, row.column.name));
    for (auto each = begin; each != end; ++each)
      if (rules[each->second].schema.empty() || rules[each->second].schema == named.schema) found.push_back(each->second);
    if (place == columns.end()) place = columns.insert(columns.end(), std::move(row.column));
    for (const std::size_t rule : found) {
      matched[rule] = true;
      if (std::find(place->rules.begin(), place->rules.end(), rule) == place->rules.end()) place->rules.push_back(rule);
    }
    std::sort(place->rules.begin(), place->rules.end());
  }
  for (auto& each : relations_)
    std::sort(each.columns.begin(), each.columns.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  for (std::size_t i = 0; i < matched.size(); ++i)
    if (!matched[i]) unmatched_.push_back(i);
}

/// From the named tables outwards, over views of views. The catalogue does not tell which columns a view shows when it shows whole rows.
void Catalogue::follow_views(const std::vector<CatalogueRows::ViewUse>& uses) {
  std::unordered_multimap<std::uint32_t, std::uint32_t> over;
  for (const auto& each : uses) over.emplace(each.relation, each.view);
  std::vector<std::uint32_t> pending;
  for (const auto& each : relations_)
    if (std::any_of(each.columns.begin(), each.columns.end(), [](const CatalogueColumn& column) { return !column.rules.empty(); }))
      pending.push_back(each.id);
  while (!pending.empty()) {
    const auto [begin, end] = over.equal_range(pending.back());
    pending.pop_back();
    for (auto each = begin; each != end; ++each) {
      const auto view = by_id_.find(each->second);
      if (view == by_id_.end() || relations_[view->second].shows_protected) continue;
      relations_[view->second].shows_protected = true;
      pending.push_back(each->second);
    }
  }
}

const CatalogueRelation* Catalogue::find(std::uint32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &relations_[found->second];
}

std::vector<const CatalogueRelation*> Catalogue::named(std::string_view schema, std::string_view name) const {
  std::vector<const CatalogueRelation*> out;
  const auto [begin, end] = by_name_.equal_range(name);
  for (auto each = begin; each != end; ++each)
    if (schema.empty() || relations_[each->second].schema == schema) out.push_back(&relations_[each->second]);
  return out;
}

}  // namespace bulwark::database
