// Where an address is, for @geoLookup and the GEO collection: a MaxMind database (GeoLite2 City or Country format).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace bulwark::waf {

/// The members of GEO, empty when the database does not say.
struct GeoLocation {
  std::string country_code;
  std::string country_code3;
  std::string country_name;
  std::string country_continent;
  std::string region;
  std::string city;
  std::string postal_code;
  std::string latitude;
  std::string longitude;

  /// (name in the GEO collection, value) of each.
  std::array<std::pair<std::string_view, std::string_view>, 9> fields() const;
};

class GeoDatabase {
 public:
  /// Errors, origin config: cannot be read, or is no MaxMind database.
  static Result<std::shared_ptr<const GeoDatabase>> open(const std::string& path);
  ~GeoDatabase();

  /// False for what is no address, or is not in the database.
  bool find(std::string_view address, GeoLocation& out) const;

 private:
  GeoDatabase();
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

}  // namespace bulwark::waf
