// Rules by column and role.
#include "database/protection/protection.h"

#include <algorithm>

namespace bulwark::database {

Protection::Protection(ProtectionSettings settings, const crypto::Key& secret, std::shared_ptr<CatalogueProvider> catalogues)
    : settings_(std::move(settings)), catalogues_(std::move(catalogues)) {
  masks_.reserve(settings_.masks.size());
  for (const auto& each : settings_.masks) masks_.emplace_back(each, secret);
}

Result<std::shared_ptr<const Protection>> Protection::create(ProtectionSettings settings, const crypto::Key& secret,
                                                             CatalogueSource source) {
  CatalogueReader::Plan plan{std::move(source), settings.databases, settings.refresh, {}, {}};
  for (const auto& each : settings.masks) {
    plan.rules.push_back(ColumnPath::of(each.column));
    plan.rule_names.push_back(each.column);
  }
  auto reader = TRY(CatalogueReader::start(std::move(plan)));
  return std::make_shared<const Protection>(std::move(settings), secret, std::move(reader));
}

bool Protection::covers(std::string_view role) const {
  return std::any_of(settings_.masks.begin(), settings_.masks.end(), [&](const MaskSettings& each) { return each.covers(role); });
}

const Mask* Protection::mask(const CatalogueColumn& column, std::string_view role) const {
  for (const std::size_t rule : column.rules)
    if (settings_.masks[rule].covers(role)) return &masks_[rule];
  return nullptr;
}

std::string display_name(const CatalogueRelation& relation, const CatalogueColumn& column) { return relation.name + "." + column.name; }

}  // namespace bulwark::database
