// An account in the ledger is "<budget>\n<kind><whom>".
#include "chat/budgets/budgets.h"

#include <algorithm>
#include <cmath>

#include "crypto/token.h"

namespace bulwark::chat::budgets {

namespace {

constexpr double kMicros = 1'000'000;
constexpr std::size_t kTop = 10;
constexpr std::size_t kMaxName = 200;  // bytes of a user's name; a longer one is kept as its digest

std::string short_name(std::string_view name) {
  if (name.size() <= kMaxName) return std::string(name);
  return "sha256:" + crypto::base64url(crypto::as_bytes(crypto::sha256(name)));
}

std::string account(const BudgetSettings& budget, const trace::Principal& who, const IpAddress& from) {
  std::string name = budget.name + '\n';
  if (budget.by == Spender::everybody) return name + "everybody";
  if (budget.by == Spender::tenant && !who.tenant.empty()) return name + "tenant " + short_name(who.tenant);
  if (!who.user.empty()) return name + "user " + short_name(who.user);
  return name + "ip " + from.text();
}

}  // namespace

Budgets::Budgets(std::vector<BudgetSettings> settings, Prices prices, std::unique_ptr<Ledger> ledger)
    : settings_(std::move(settings)), prices_(std::move(prices)), ledger_(std::move(ledger)) {
  for (const BudgetSettings& each : settings_)
    bounds_.push_back({Duration(each.per), {each.tokens, static_cast<std::int64_t>(std::llround(each.cost * kMicros))}});
  for (const auto& [name, each] : prices_) {
    dearest_.input = std::max(dearest_.input, each.input);
    dearest_.output = std::max(dearest_.output, each.output);
  }
}

Result<std::shared_ptr<Budgets>> Budgets::open(std::vector<BudgetSettings> settings, Prices prices,
                                               const std::optional<storage::OpenOptions>& file, const Clock& clock) {
  const bool any = !settings.empty();
  auto ledger = TRY(Ledger::open(any ? file : std::nullopt, clock));
  return std::shared_ptr<Budgets>(new Budgets(std::move(settings), std::move(prices), std::move(ledger)));
}

/// By its name, else by the longest beginning with a '*' behind it, else the dearest: what is not known must not be free.
PriceSettings Budgets::price(std::string_view model) const {
  const PriceSettings* found = nullptr;
  std::size_t longest = 0;
  for (const auto& [name, each] : prices_) {
    if (name == model) return each;
    const std::string_view stem = std::string_view(name).substr(0, name.size() - (name.ends_with('*') ? 1 : 0));
    if (!name.ends_with('*') || !model.starts_with(stem) || (found != nullptr && stem.size() < longest)) continue;
    found = &each;
    longest = stem.size();
  }
  return found != nullptr ? *found : dearest_;
}

Amount Budgets::amount(std::string_view model, std::int64_t input, std::int64_t output) const {
  const PriceSettings each = price(model);
  const double micros = static_cast<double>(input) * each.input + static_cast<double>(output) * each.output;
  return {input + output, static_cast<std::int64_t>(std::ceil(micros))};
}

std::optional<Refusal> Budgets::enter(const trace::Principal& who, const IpAddress& from, std::string_view model,
                                      std::int64_t prompt_tokens, Reservation& out) {
  out.asked = amount(model, prompt_tokens, 0);
  out.model = model;
  for (std::size_t i = 0; i < settings_.size(); ++i) {
    std::string name = account(settings_[i], who, from);
    if (const auto wait = ledger_->reserve(name, bounds_[i], out.asked)) {
      for (const auto& [budget, taken] : out.accounts) ledger_->settle(taken, bounds_[budget], out.asked, {});
      out.accounts.clear();
      return Refusal{settings_[i].name, *wait};
    }
    out.accounts.emplace_back(i, std::move(name));
  }
  return std::nullopt;
}

void Budgets::leave(const Reservation& reserved, const Usage& usage) {
  const Amount spent = amount(reserved.model, usage.input, usage.output);
  for (const auto& [budget, name] : reserved.accounts) ledger_->settle(name, bounds_[budget], reserved.asked, spent);
}

void Budgets::write_status(json::Writer& writer) const {
  writer.begin_array();
  for (const BudgetSettings& each : settings_) {
    const std::string prefix = each.name + '\n';
    writer.begin_object()
        .field("name", each.name)
        .field("window_seconds", std::chrono::duration_cast<std::chrono::seconds>(each.per).count());
    if (each.tokens > 0) writer.field("tokens", each.tokens);
    if (each.cost > 0) writer.field("cost", each.cost);
    writer.key("spent").begin_array();
    for (const auto& account : ledger_->top(prefix, kTop)) {
      writer.begin_object().field("who", account.name.substr(prefix.size())).field("tokens", account.spent.tokens);
      if (!prices_.empty()) writer.field("cost", static_cast<double>(account.spent.micros) / kMicros);
      writer.field("until", to_rfc3339(account.ends)).end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_array();
}

}  // namespace bulwark::chat::budgets
