// How much of a route one client, user, tenant or key may use.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"

namespace bulwark::limits {

/// Whom a limit counts by. Who has none of the named kind (no user, say) is counted by address.
enum class By : std::uint8_t { ip, user, tenant, api_key, route };
config::EnumNames<By> enum_names(By);

/// What is counted.
enum class Unit : std::uint8_t { requests, body_kib };
config::EnumNames<Unit> enum_names(Unit);

struct RateSettings {
  std::string name;  ///< in headers and events
  By by = By::ip;
  Unit unit = Unit::requests;
  std::int64_t limit = 100;              ///< this many …
  std::chrono::milliseconds per{1'000};  ///< … in this time, on average
  std::int64_t burst = 0;                ///< at once; 0: as many as `limit`
};
void describe(config::Object<RateSettings>& object);

struct RouteSettings {
  std::vector<RateSettings> rates;
  std::int64_t max_concurrent = 0;  ///< requests of one source at the same time; 0: not bounded here
  bool announce = false;            ///< RateLimit headers on every response, not only on refusals

  static constexpr std::size_t kMaxRates = 8;
};
void describe(config::Object<RouteSettings>& object);

}  // namespace bulwark::limits
