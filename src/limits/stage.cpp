// From a route's limits to verdicts and headers.
#include "limits/stage.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace bulwark::limits {
namespace {

using gateway::Exchange;
using gateway::Phase;
using gateway::Verdict;

constexpr std::string_view kStage = "limits";
constexpr std::uint32_t kBytesPerKib = 1024;

std::int64_t seconds_up(Duration duration) { return std::chrono::ceil<std::chrono::seconds>(duration).count(); }

/// A request's place among those in flight; given back when the exchange ends.
struct Place final : gateway::StageState {
  ~Place() override {
    if (budgets) budgets->in_flight.leave(key);
  }
  std::shared_ptr<Budgets> budgets;
  std::uint64_t key = 0;
};

std::uint32_t kib_up(std::uint64_t bytes) {
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>((bytes + kBytesPerKib - 1) / kBytesPerKib, 1, UINT32_MAX));
}

/// Counts a body of unknown length as it passes; past the budget the exchange ends.
class BodyMeter final : public gateway::BodyFilter {
 public:
  BodyMeter(std::shared_ptr<Budgets> budgets, std::uint64_t key, Rate rate) : budgets_(std::move(budgets)), key_(key), rate_(rate) {}
  Result<void> feed(std::string_view chunk, bool, std::string& out) override {
    out.append(chunk);
    uncounted_ += chunk.size();
    if (uncounted_ < kBytesPerKib) return {};
    const std::uint64_t whole = uncounted_ / kBytesPerKib;
    uncounted_ %= kBytesPerKib;
    if (!budgets_->rates.take(key_, rate_, system_clock().mono(), static_cast<std::uint32_t>(whole)).allowed)
      return client_error(Code::too_large, "request body past its budget");
    return {};
  }

 private:
  std::shared_ptr<Budgets> budgets_;
  std::uint64_t key_;
  Rate rate_;
  std::size_t uncounted_ = 0;
};

}  // namespace

LimitStage::LimitStage(std::string_view route, RouteSettings settings, std::shared_ptr<Budgets> budgets, const control::Table* control)
    : max_concurrent_(settings.max_concurrent),
      announce_(settings.announce),
      concurrency_salt_(budgets->hash(route, 1)),
      budgets_(std::move(budgets)),
      control_(control) {
  for (auto& each : settings.rates) {
    const std::int64_t burst = each.burst > 0 ? each.burst : each.limit;
    const Rate rate{std::max(Duration(each.per) / each.limit, Duration(1)), static_cast<std::uint32_t>(burst)};
    const std::int64_t window = std::max<std::int64_t>(1, seconds_up(Duration(each.per)));
    const std::string policy = fmt::format("\"{}\";q={};w={}", each.name, each.limit, window);
    limits_.push_back({each, rate, budgets_->hash(std::string(route) + '\n' + each.name), policy});
  }
}

const gateway::StageInfo& LimitStage::info() const {
  static constexpr gateway::StageInfo kInfo{kStage, gateway::bit(Phase::request_head), gateway::OnError::fail_closed};
  return kInfo;
}

Result<Verdict> LimitStage::run(Phase, Exchange& exchange, std::size_t index) const {
  if (!throttle(exchange)) return Verdict::deny;
  for (const auto& limit : limits_)
    if (!take(limit, exchange)) return Verdict::deny;
  return enter(exchange, index) ? Verdict::pass : Verdict::deny;
}

bool LimitStage::throttle(Exchange& exchange) const {
  if (control_ == nullptr || control_->empty()) return true;
  const auto orders = control_->snapshot();
  const auto* entry = orders->throttle(exchange.client.address, &exchange.principal, exchange.started_wall);
  if (entry == nullptr) return true;
  const auto* id = reinterpret_cast<const char*>(entry->id.bytes.data());
  const auto answer = budgets_->rates.take(budgets_->hash({id, entry->id.bytes.size()}), kThrottled, exchange.started);
  if (answer.allowed) return true;
  exchange.deny({.status = 429,
                 .stage = kStage,
                 .rule = "control.throttle",
                 .reason = std::string(control::to_string(entry->subject)) + " is throttled by " + entry->created_by,
                 .headers = {{"Retry-After", std::to_string(seconds_up(answer.retry_after))}}});
  return false;
}

bool LimitStage::take(const Limit& limit, Exchange& exchange) const {
  const std::uint64_t key = key_of(limit.settings.by, limit.salt, exchange);
  std::uint32_t cost = 1;
  if (limit.settings.unit == Unit::body_kib) {
    const std::string_view length = exchange.request.headers.get("content-length");
    std::uint64_t bytes = 0;
    if (length.data() == nullptr) {
      meter_body(limit, key, exchange);
      return true;
    }
    std::from_chars(length.data(), length.data() + length.size(), bytes);
    if (bytes == 0) return true;
    cost = kib_up(bytes);
  }
  const RateAnswer answer = budgets_->rates.take(key, limit.rate, exchange.started, cost);
  if (!answer.allowed) {
    refuse(limit, answer, exchange);
    return false;
  }
  if (announce_) {
    exchange.response_edits.set("RateLimit-Policy", limit.policy);
    exchange.response_edits.set("RateLimit",
                                fmt::format("\"{}\";r={};t={}", limit.settings.name, answer.remaining, seconds_up(answer.reset)));
  }
  return true;
}

void LimitStage::refuse(const Limit& limit, const RateAnswer& answer, Exchange& exchange) const {
  const std::int64_t wait = seconds_up(answer.retry_after);
  exchange.deny({.status = 429,
                 .stage = kStage,
                 .rule = "limits." + limit.settings.name,
                 .reason = "over the limit " + limit.settings.name,
                 .headers = {{"Retry-After", std::to_string(wait)},
                             {"RateLimit-Policy", limit.policy},
                             {"RateLimit", fmt::format("\"{}\";r={};t={}", limit.settings.name, answer.remaining, wait)}}});
}

void LimitStage::meter_body(const Limit& limit, std::uint64_t key, Exchange& exchange) const {
  exchange.filter_request_body(std::make_unique<BodyMeter>(budgets_, key, limit.rate));
}

bool LimitStage::enter(Exchange& exchange, std::size_t index) const {
  if (max_concurrent_ == 0) return true;
  const std::uint64_t key = key_of(By::ip, concurrency_salt_, exchange);
  if (!budgets_->in_flight.enter(key, static_cast<std::uint32_t>(max_concurrent_))) {
    exchange.deny({.status = 429,
                   .stage = kStage,
                   .rule = "limits.concurrency",
                   .reason = "too many requests of one source at once",
                   .headers = {{"Retry-After", "1"}}});
    return false;
  }
  auto& place = exchange.state<Place>(index);
  place.key = key;
  place.budgets = budgets_;
  return true;
}

std::uint64_t LimitStage::key_of(By by, std::uint64_t salt, const Exchange& exchange) const {
  const trace::Principal& principal = exchange.principal;
  const auto& hash = budgets_->hash;
  if (by == By::route) return hash("route", salt);
  if (by == By::tenant && !principal.tenant.empty()) return hash(principal.tenant, salt + 1);
  if (by == By::api_key && principal.credential == trace::Credential::api_key) return hash(principal.credential_id, salt + 2);
  if ((by == By::user || by == By::tenant) && !principal.anonymous()) return hash(principal.user, salt + 3);
  return hash(exchange.client.address.source_bytes(), salt + 4);
}

}  // namespace bulwark::limits
