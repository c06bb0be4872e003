// The words, bounds and examples of budgets and prices.
#include "chat/budget_settings.h"

#include <algorithm>
#include <set>

namespace bulwark::chat {

namespace {
constexpr std::size_t kMaxBudgets = 16;
constexpr std::size_t kMaxName = 40;
constexpr std::int64_t kMostTokens = 1'000'000'000'000;
constexpr std::int64_t kMostCost = 1'000'000'000;
}  // namespace

void describe(config::Object<BudgetSettings>& object) {
  object
      .field("name", &BudgetSettings::name,
             {.help = "What the budget is called in events and in the status.", .example = "daily", .required = true})
      .field("by", &BudgetSettings::by,
             {.help = "Whose spending is added up; who has no user or tenant is counted by address.", .example = "tenant"})
      .field("per", &BudgetSettings::per,
             {.help = "The window; it begins at multiples of its length, so that 24h is a day in UTC.",
              .example = "24h",
              .min = 1'000,
              .max = 31LL * 24 * 3'600'000})
      .field("tokens", &BudgetSettings::tokens,
             {.help = "Tokens read and written, as the model counts them, else estimated; 0: no bound.",
              .example = "200000",
              .min = 0,
              .max = kMostTokens})
      .field("cost", &BudgetSettings::cost,
             {.help = "By `chat.prices`; 0: no bound. A model without a price counts as the dearest.",
              .example = "5",
              .min = 0,
              .max = kMostCost})
      .check([](const BudgetSettings& budget) -> std::string {
        const bool plain = std::ranges::all_of(budget.name, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '"'; });
        if (budget.name.empty() || budget.name.size() > kMaxName || !plain) return "a budget needs a name of up to 40 plain characters";
        return budget.tokens == 0 && budget.cost == 0 ? "the budget '" + budget.name + "' bounds neither tokens nor cost" : "";
      });
}

void describe(config::Object<PriceSettings>& object) {
  object
      .field("input", &PriceSettings::input,
             {.help = "For a million tokens that the model reads.", .example = "2.5", .min = 0, .max = 1'000'000})
      .field("output", &PriceSettings::output,
             {.help = "For a million tokens that the model writes.", .example = "10", .min = 0, .max = 1'000'000});
}

std::string budgets_problem(const std::vector<BudgetSettings>& budgets, bool has_prices) {
  if (budgets.size() > kMaxBudgets) return "more than 16 budgets";
  std::set<std::string_view> names;
  for (const BudgetSettings& each : budgets) {
    if (!names.insert(each.name).second) return "two budgets are named '" + each.name + "'";
    if (each.cost > 0 && !has_prices) return "the budget '" + each.name + "' bounds cost, but chat.prices names no price";
  }
  return {};
}

}  // namespace bulwark::chat
