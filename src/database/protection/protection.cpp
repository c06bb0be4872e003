// Rules by column and role.
#include "database/protection/protection.h"

#include <algorithm>

namespace bulwark::database {

Protection::Protection(ProtectionSettings settings, const crypto::Key& secret, std::shared_ptr<CatalogueProvider> catalogues,
                       std::shared_ptr<const ColumnKeys> keys)
    : settings_(std::move(settings)), catalogues_(std::move(catalogues)) {
  masks_.reserve(settings_.masks.size());
  for (const auto& each : settings_.masks) masks_.emplace_back(each, secret);
  for (const auto& each : settings_.encrypt) ciphers_.emplace_back(each, keys);
}

Result<std::shared_ptr<const Protection>> Protection::create(ProtectionSettings settings, const crypto::Key& secret,
                                                             CatalogueSource source) {
  CatalogueReader::Plan plan{std::move(source), settings.databases, settings.refresh, {}, {}};
  // The catalogue knows rules by number: first those of masks, then those of encryption.
  for (const auto& each : settings.masks) plan.rule_names.push_back(each.column);
  std::vector<std::string> encrypted;
  for (const auto& each : settings.encrypt) encrypted.push_back(each.column);
  plan.rule_names.insert(plan.rule_names.end(), encrypted.begin(), encrypted.end());
  for (const auto& each : plan.rule_names) plan.rules.push_back(ColumnPath::of(each));
  std::shared_ptr<const ColumnKeys> keys;
  if (!encrypted.empty()) keys = TRY(ColumnKeys::open(settings.keys_file, secret, encrypted));
  auto reader = TRY(CatalogueReader::start(std::move(plan)));
  return std::make_shared<const Protection>(std::move(settings), secret, std::move(reader), std::move(keys));
}

bool Protection::covers(std::string_view role) const {
  return std::any_of(settings_.masks.begin(), settings_.masks.end(), [&](const MaskSettings& each) { return each.covers(role); });
}

const Mask* Protection::mask(const CatalogueColumn& column, std::string_view role) const {
  for (const std::size_t rule : column.rules)
    if (rule < masks_.size() && settings_.masks[rule].covers(role)) return &masks_[rule];
  return nullptr;
}

const ColumnCipher* Protection::cipher(const CatalogueColumn& column, std::uint32_t type) const {
  if (column.rules.empty() || column.rules.back() < masks_.size()) return nullptr;
  const ColumnCipher& cipher = ciphers_[column.rules.back() - masks_.size()];
  return cipher.settings().plaintext && type != type_oid::kBytea ? nullptr : &cipher;
}

bool Protection::encrypts(const CatalogueRelation& relation) const {
  return std::any_of(relation.columns.begin(), relation.columns.end(),
                     [this](const CatalogueColumn& each) { return cipher(each) != nullptr; });
}

std::string display_name(const CatalogueRelation& relation, const CatalogueColumn& column) { return relation.name + "." + column.name; }

}  // namespace bulwark::database
