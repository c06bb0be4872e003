// What is kept from whom, ready to use: the masks, and the catalogues that say where the columns are. Immutable but for the catalogues;
// shared by all workers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "database/protection/catalogue_reader.h"
#include "database/protection/column_cipher.h"
#include "database/protection/mask.h"
#include "database/protection_settings.h"

namespace bulwark::database {

class Protection {
 public:
  /// `keys`: of the encrypted columns; may be nullptr when there are none.
  Protection(ProtectionSettings settings, const crypto::Key& secret, std::shared_ptr<CatalogueProvider> catalogues,
             std::shared_ptr<const ColumnKeys> keys = nullptr);

  /// With a reader of its own for what `source` leads to. Errors: the catalogue cannot be read.
  static Result<std::shared_ptr<const Protection>> create(ProtectionSettings settings, const crypto::Key& secret, CatalogueSource source);

  /// Whether anything is kept from the role.
  bool covers(std::string_view role) const;
  /// The mask that the role sees the column through; nullptr: none.
  const Mask* mask(const CatalogueColumn& column, std::string_view role) const;
  /// How the column is encrypted; nullptr: not.
  const ColumnCipher* cipher(const CatalogueColumn& column) const { return cipher(column, column.type); }
  /// Likewise, of a column that is of this type by now: what waits to become bytea is not encrypted.
  const ColumnCipher* cipher(const CatalogueColumn& column, std::uint32_t type) const;
  bool encrypts(const CatalogueRelation& relation) const;
  bool encrypts() const { return !ciphers_.empty(); }
  std::shared_ptr<const Catalogue> catalogue(std::string_view database) const { return catalogues_->current(database); }
  const ProtectionSettings& settings() const { return settings_; }

  void definitions_changed() const { catalogues_->refresh(); }
  void retire() const { catalogues_->stop(); }

 private:
  ProtectionSettings settings_;
  std::vector<Mask> masks_;
  std::vector<ColumnCipher> ciphers_;
  std::shared_ptr<CatalogueProvider> catalogues_;
};

/// "table.column", as people know it.
std::string display_name(const CatalogueRelation& relation, const CatalogueColumn& column);

}  // namespace bulwark::database
