// For tests and fuzzing: a catalogue that needs no server. Tables users (id, email, age, born), orders (id, user_id, note, card), the view
// user_mails over users, the function mails().
#pragma once

#include <memory>

#include "database/protection/protection.h"

namespace bulwark::database {

class FixedCatalogue final : public CatalogueProvider {
 public:
  static constexpr std::uint32_t kUsers = 20'001;
  static constexpr std::uint32_t kOrders = 20'002;
  static constexpr std::uint32_t kView = 20'003;

  explicit FixedCatalogue(const std::vector<ColumnPath>& rules) : catalogue_(std::make_shared<const Catalogue>(rows(), rules)) {}

  std::shared_ptr<const Catalogue> current(std::string_view database) const override { return database == "app" ? catalogue_ : nullptr; }
  void refresh() override {}

  /// `keys`: for the columns that the settings encrypt.
  static std::shared_ptr<const Protection> protect(ProtectionSettings settings, std::shared_ptr<const ColumnKeys> keys = nullptr) {
    std::vector<ColumnPath> rules;
    for (const auto& each : settings.masks) rules.push_back(ColumnPath::of(each.column));
    for (const auto& each : settings.encrypt) rules.push_back(ColumnPath::of(each.column));
    return std::make_shared<const Protection>(std::move(settings), crypto::Key(), std::make_shared<FixedCatalogue>(rules), std::move(keys));
  }

 private:
  static CatalogueRows rows() {
    CatalogueRows made;
    made.relations = {
        {kUsers, "public", "users", {}, false}, {kOrders, "public", "orders", {}, false}, {kView, "public", "user_mails", {}, false}};
    const auto column = [&](std::uint32_t table, const char* name, std::uint16_t number, std::uint32_t type) {
      made.columns.push_back({table, table, {name, number, type, -1, false, {}}});
    };
    column(kUsers, "id", 1, type_oid::kInt4);
    column(kUsers, "email", 2, type_oid::kText);
    column(kUsers, "age", 3, type_oid::kInt4);
    column(kUsers, "born", 4, type_oid::kDate);
    column(kOrders, "id", 1, type_oid::kInt4);
    column(kOrders, "user_id", 2, type_oid::kInt4);
    column(kOrders, "note", 3, type_oid::kText);
    column(kOrders, "card", 4, type_oid::kBytea);
    made.view_uses = {{kView, kUsers}};
    made.functions = {"mails"};
    made.system_relations = {"pg_class", "pg_stats"};
    return made;
  }

  std::shared_ptr<const Catalogue> catalogue_;
};

}  // namespace bulwark::database
