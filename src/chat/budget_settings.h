// How much users and tenants may spend at models, and what models cost.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"

namespace bulwark::chat {

/// Whose spending is added up. Who has no user or tenant is counted by address.
enum class Spender : std::uint8_t { user, tenant, everybody };
inline config::EnumNames<Spender> enum_names(Spender) {
  return {{{"user", Spender::user}, {"tenant", Spender::tenant}, {"everybody", Spender::everybody}}};
}

struct BudgetSettings {
  std::string name;  ///< "daily": rule chat.budget.daily
  Spender by = Spender::user;
  std::chrono::milliseconds per{std::chrono::hours(24)};  ///< windows begin at multiples of it since 1970, UTC
  std::int64_t tokens = 0;                                ///< read and written together; 0: not bounded
  double cost = 0;                                        ///< in the currency of `prices`; 0: not bounded
};

/// For a million tokens.
struct PriceSettings {
  double input = 0;
  double output = 0;
};

void describe(config::Object<BudgetSettings>& object);
void describe(config::Object<PriceSettings>& object);

/// Empty, or what is wrong with them together.
std::string budgets_problem(const std::vector<BudgetSettings>& budgets, bool has_prices);

}  // namespace bulwark::chat
