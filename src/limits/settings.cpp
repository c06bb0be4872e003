// Names, help and bounds of the limits' settings.
#include "limits/settings.h"

#include <algorithm>

namespace bulwark::limits {
namespace {

// The name stands in a header as a quoted string (RFC 8941 §3.3.3).
std::string rate_problem(const RateSettings& rate) {
  const bool plain = std::ranges::all_of(rate.name, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  if (rate.name.empty() || rate.name.size() > 64 || !plain) return "a limit needs a name of up to 64 plain characters";
  return {};
}

std::string route_problem(const RouteSettings& route) {
  if (route.rates.size() > RouteSettings::kMaxRates) return "too many limits on one route";
  for (std::size_t i = 0; i < route.rates.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (route.rates[i].name == route.rates[j].name) return "two limits named " + route.rates[i].name;
  return {};
}

}  // namespace

config::EnumNames<By> enum_names(By) {
  return {{{"ip", By::ip}, {"user", By::user}, {"tenant", By::tenant}, {"api_key", By::api_key}, {"route", By::route}}};
}
config::EnumNames<Unit> enum_names(Unit) { return {{{"requests", Unit::requests}, {"body_kib", Unit::body_kib}}}; }

void describe(config::Object<RateSettings>& object) {
  using S = RateSettings;
  object.field("name", &S::name, {.help = "What this limit is called in headers and events.", .example = "per-client", .required = true})
      .field("by", &S::by, {.help = "Whom it counts by; who has no user, tenant or key is counted by address.", .example = "tenant"})
      .field("unit", &S::unit, {.help = "What it counts: requests, or KiB of request bodies.", .example = "requests"})
      .field("limit", &S::limit, {.help = "How many on average.", .example = "100", .min = 1, .max = 1'000'000, .required = true})
      .field("per", &S::per, {.help = "In this time.", .example = "1s", .min = 1, .max = 86'400'000})
      .field("burst", &S::burst, {.help = "How many at once; 0 means as many as limit.", .example = "200", .min = 0, .max = 10'000'000})
      .check(rate_problem);
}

void describe(config::Object<RouteSettings>& object) {
  using S = RouteSettings;
  object.field("rates", &S::rates, {.help = "Limits, all of which a request must meet."})
      .field("max_concurrent", &S::max_concurrent,
             {.help = "Requests of one source at the same time; 0: no bound.", .example = "50", .min = 0, .max = 1'000'000})
      .field("announce", &S::announce, {.help = "RateLimit headers on every response, not only on refusals.", .example = "true"})
      .check(route_problem);
}

}  // namespace bulwark::limits
