// @geoLookup over libmaxminddb: fills GEO and matches when the address is known.
#include <maxminddb.h>

#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "waf/operators/factories.h"
#include "waf/operators/geo.h"

namespace bulwark::waf {
namespace {

constexpr std::size_t kMaxAddressBytes = 64;

/// The text or number at a path of the entry, or empty.
template <class... Keys>
std::string text_at(MMDB_entry_s& entry, Keys... keys) {
  MMDB_entry_data_s data{};
  if (MMDB_get_value(&entry, &data, keys..., nullptr) != MMDB_SUCCESS || !data.has_data) return {};
  if (data.type == MMDB_DATA_TYPE_UTF8_STRING) return {data.utf8_string, data.data_size};
  if (data.type == MMDB_DATA_TYPE_DOUBLE && std::isfinite(data.double_value)) return fmt::format("{:.6f}", data.double_value);
  return {};
}

}  // namespace

struct GeoDatabase::Storage {
  MMDB_s database{};
  bool is_open = false;
  ~Storage() {
    if (is_open) MMDB_close(&database);
  }
};

std::array<std::pair<std::string_view, std::string_view>, 9> GeoLocation::fields() const {
  return {{{"COUNTRY_CODE", country_code},
           {"COUNTRY_CODE3", country_code3},
           {"COUNTRY_NAME", country_name},
           {"COUNTRY_CONTINENT", country_continent},
           {"REGION", region},
           {"CITY", city},
           {"POSTAL_CODE", postal_code},
           {"LATITUDE", latitude},
           {"LONGITUDE", longitude}}};
}

GeoDatabase::GeoDatabase() : storage_(std::make_unique<Storage>()) {}
GeoDatabase::~GeoDatabase() = default;

Result<std::shared_ptr<const GeoDatabase>> GeoDatabase::open(const std::string& path) {
  std::shared_ptr<GeoDatabase> database(new GeoDatabase());
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &database->storage_->database);
  if (status != MMDB_SUCCESS) return config_error(fmt::format("geo database {}: {}", path, MMDB_strerror(status)));
  database->storage_->is_open = true;
  return std::shared_ptr<const GeoDatabase>(std::move(database));
}

bool GeoDatabase::find(std::string_view address, GeoLocation& out) const {
  if (address.empty() || address.size() >= kMaxAddressBytes) return false;
  std::array<char, kMaxAddressBytes> text{};
  std::memcpy(text.data(), address.data(), address.size());
  int resolve_error = 0;
  int error = 0;
  // The library resolves with AI_NUMERICHOST: it never asks a name server.
  MMDB_lookup_result_s found = MMDB_lookup_string(&storage_->database, text.data(), &resolve_error, &error);
  if (resolve_error != 0 || error != MMDB_SUCCESS || !found.found_entry) return false;
  out.country_code = text_at(found.entry, "country", "iso_code");
  out.country_code3.clear();
  out.country_name = text_at(found.entry, "country", "names", "en");
  out.country_continent = text_at(found.entry, "continent", "code");
  out.region = text_at(found.entry, "subdivisions", "0", "iso_code");
  out.city = text_at(found.entry, "city", "names", "en");
  out.postal_code = text_at(found.entry, "postal", "code");
  out.latitude = text_at(found.entry, "location", "latitude");
  out.longitude = text_at(found.entry, "location", "longitude");
  return true;
}

namespace operators {
namespace {

class GeoLookup final : public Operator {
 public:
  explicit GeoLookup(const Request& request) : Operator(request.name, request.argument, false), database_(request.environment.geo) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    GeoLocation unused;
    if (database_ == nullptr || !database_->find(value, context.location != nullptr ? *context.location : unused)) return false;
    context.matched = value;
    return true;
  }

 private:
  std::shared_ptr<const GeoDatabase> database_;
};

}  // namespace

Made geo_lookup(const Request& request) { return Made(std::make_unique<const GeoLookup>(request)); }

}  // namespace operators
}  // namespace bulwark::waf
