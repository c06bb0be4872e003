// The budgets of the configuration over one ledger: what a request may still cost whom, and what it did cost.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "chat/budget_settings.h"
#include "chat/budgets/ledger.h"
#include "chat/budgets/meter.h"
#include "trace/principal.h"
#include "wire/json/writer.h"

namespace bulwark::chat::budgets {

/// What one request has set aside.
struct Reservation {
  std::vector<std::pair<std::size_t, std::string>> accounts;  ///< budget, and the name in the ledger
  Amount asked;
  std::string model;  ///< whose price counts
};

struct Refusal {
  std::string_view budget;
  Duration wait{};  ///< until its window ends
};

/// Thread-safe.
class Budgets {
 public:
  using Prices = std::map<std::string, PriceSettings>;

  /// Errors: of storage.
  static Result<std::shared_ptr<Budgets>> open(std::vector<BudgetSettings> settings, Prices prices,
                                               const std::optional<storage::OpenOptions>& file, const Clock& clock = system_clock());

  bool idle() const { return settings_.empty(); }
  /// Sets the estimated prompt aside in every budget, or in none and says which one is spent. What the model will write is not known:
  /// a budget ends at most by the answers in flight beyond its bound.
  std::optional<Refusal> enter(const trace::Principal& who, const IpAddress& from, std::string_view model, std::int64_t prompt_tokens,
                               Reservation& out);
  void leave(const Reservation& reserved, const Usage& usage);
  /// Another model takes over: its price counts.
  static void rename(Reservation& reserved, std::string_view model) { reserved.model = model; }

  /// An array: each budget with its bounds and those who spent most.
  void write_status(json::Writer& writer) const;

 private:
  Budgets(std::vector<BudgetSettings> settings, Prices prices, std::unique_ptr<Ledger> ledger);
  PriceSettings price(std::string_view model) const;
  Amount amount(std::string_view model, std::int64_t input, std::int64_t output) const;

  std::vector<BudgetSettings> settings_;
  std::vector<Bound> bounds_;
  Prices prices_;
  PriceSettings dearest_;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace bulwark::chat::budgets
