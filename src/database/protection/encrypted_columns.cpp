// The shape's places against the catalogue, for everybody.
#include "database/protection/encrypted_columns.h"

#include "database/parsed_statement.h"
#include "database/protection/column_cipher.h"

namespace bulwark::database {
namespace {

using Place = ColumnPlace::Place;

std::string_view reason(Place place) {
  switch (place) {
    case Place::compared:
      return "it can be compared for equality with a literal or a parameter (=, <>, IN), not by range or pattern or with another column";
    case Place::sorted: return "it cannot be sorted or grouped by";
    default: return "it can be shown as it is, through subqueries in FROM too, not be computed with";
  }
}

class EncryptedColumns final : public Guard {
 public:
  explicit EncryptedColumns(std::shared_ptr<const Protection> protection) : protection_(std::move(protection)) {}

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "encrypted_columns", .everybodys = true};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    const auto catalogue = protection_->catalogue(statement.session->database);
    if (catalogue == nullptr) return Verdict::pass;  // no encrypted column is known there
    const ShapeFacts& facts = statement.parsed->facts();
    for (const auto& relation : facts.relations)
      for (const auto* each : catalogue->named(relation.schema, relation.name)) {
        if (!protection_->encrypts(*each)) continue;
        for (const auto& place : facts.places)
          if (std::string why = objection(*each, place); !why.empty()) {
            findings.push_back({info().name, "database.encrypted_column", events::Severity::medium, std::move(why), "0A000"});
            return Verdict::deny;
          }
      }
    return Verdict::pass;
  }

 private:
  std::string objection(const CatalogueRelation& relation, const ColumnPlace& place) const {
    const bool fine = place.place == Place::output || place.place == Place::passed || place.place == Place::copied ||
                      place.place == Place::equated || place.place == Place::tested;
    if (fine || (!place.table.empty() && place.table != relation.name)) return {};
    for (const auto& column : relation.columns)
      if ((place.name == "*" || place.name == column.name) && protection_->cipher(column) != nullptr)
        return "column " + display_name(relation, column) + " is encrypted: " + std::string(reason(place.place));
    return {};
  }

  std::shared_ptr<const Protection> protection_;
};

}  // namespace

std::shared_ptr<const Guard> make_encrypted_columns(std::shared_ptr<const Protection> protection) {
  return std::make_shared<EncryptedColumns>(std::move(protection));
}

}  // namespace bulwark::database
