// What a match sets in motion.
#include <algorithm>
#include <charconv>

#include "waf/seclang/text.h"
#include "waf/transaction.h"

namespace bulwark::waf {
namespace {

std::int64_t to_number(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '+')) text.remove_prefix(1);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string cut(std::string_view text) { return std::string(text.substr(0, Match::kMaxMatchText)); }

}  // namespace

/// Collections begin before anything is set in them, also where one rule does both.
void Transaction::set_variables(const Rule& rule) {
  for (const auto& each : rule.init) {
    if (store_ == nullptr) break;
    std::size_t slot = 0;
    switch (each.collection) {
      case Variable::IP: slot = 0; break;
      case Variable::GLOBAL: slot = 1; break;
      case Variable::SESSION: slot = 2; break;
      case Variable::USER: slot = 3; break;
      default: slot = 4; break;
    }
    collection_keys_[slot] = collection_prefix(each.collection) + cut(expand(each.key));
  }
  for (const auto& each : rule.environment) {
    const std::string_view name = expand(each.name);
    std::erase_if(environment_, [&](const auto& known) { return known.first == name; });
    environment_.emplace_back(name, expand(each.value));
  }
  for (const auto& set : rule.set) set_variable(set);
}

void Transaction::set_variable(const SetVariable& set) {
  using Operation = SetVariable::Operation;
  const std::string_view name = set.slot == kNone ? expand(set.name) : std::string_view{};
  if (set.collection != Variable::TX) {
    const std::string* key = collection_key(set.collection);
    if (key == nullptr) return;
    const std::uint32_t timeout_s = program_->settings.collection_timeout_s;
    switch (set.operation) {
      case Operation::set: return store_->set(*key, name, expand(set.value), started_, timeout_s);
      case Operation::add: return store_->add(*key, name, to_number(expand(set.value)), started_, timeout_s);
      case Operation::subtract: return store_->add(*key, name, -to_number(expand(set.value)), started_, timeout_s);
      case Operation::unset: return store_->unset(*key, name);
    }
    return;
  }
  const bool known = set.slot != kNone;
  if (set.operation == Operation::unset) return known ? tx_.unset(set.slot) : tx_.unset(name);
  std::string_view value = expand(set.value);
  if (set.operation != Operation::set) {
    const std::int64_t by = to_number(value);
    const std::int64_t old = to_number(known ? tx_.get(set.slot) : tx_.get(name));
    std::int64_t sum = 0;
    const bool overflow = set.operation == Operation::add ? __builtin_add_overflow(old, by, &sum) : __builtin_sub_overflow(old, by, &sum);
    value = number_text(overflow ? old : sum);
  }
  if (known)
    tx_.set(set.slot, value);
  else
    tx_.set(name, value);
}

void Transaction::act(std::uint32_t index) {
  const Rule& rule = program_->rules[index];
  for (const auto& each : rule.controls) control(each);
  for (const auto& each : rule.expire) {
    const std::int64_t seconds = std::clamp<std::int64_t>(to_number(expand(each.seconds)), 0, 366LL * 86'400);
    const WallTime when = started_ + seconds * 1'000'000'000;
    if (const std::string* key = collection_key(each.collection)) store_->expire(*key, expand(each.name), when);
  }
  if (!rule.chain_start) return;
  if (rule.severity < highest_severity_) highest_severity_ = rule.severity;
  if (rule.log) record(rule);
  decide(rule);
}

void Transaction::control(const Control& control) {
  const auto include = [](RuleBits& into, const RuleBits& bits) {
    for (std::size_t i = 0; i < bits.size(); ++i) into[i] |= bits[i];
  };
  const bool on = same_text(control.value, "on");
  switch (control.kind) {
    case Control::Kind::rule_engine: {
      // A rule may relax what the route asks for, not tighten it: monitor stays monitor.
      const Engine wanted = on ? Engine::on : same_text(control.value, "off") ? Engine::off : Engine::detect;
      engine_ = std::min(wanted, policy_->engine);
      break;
    }
    case Control::Kind::remove_rules: include(removed_, control.rules); break;
    case Control::Kind::remove_targets:
      include(restricted_, control.rules);
      exclusions_.push_back(&control);
      break;
    case Control::Kind::body_processor: body_processor_ = control.value; break;
    case Control::Kind::force_body: force_body_ = on; break;
    case Control::Kind::request_body_access: request_body_access_ = on; break;
    case Control::Kind::response_body_access: response_body_access_ = on; break;
    case Control::Kind::xml_arguments: xml_arguments_ = control.xml; break;
    case Control::Kind::no_effect: break;
  }
}

void Transaction::decide(const Rule& rule) {
  switch (rule.disruptive) {
    case Disruptive::none:
    case Disruptive::block:
    case Disruptive::pass: return;
    case Disruptive::allow: allowed_until_ = 4; return;
    case Disruptive::allow_phase: allowed_until_ = phase_; return;
    case Disruptive::allow_request: allowed_until_ = std::max<std::uint8_t>(phase_, 2); return;
    case Disruptive::deny:
    case Disruptive::drop:
    case Disruptive::redirect: break;
  }
  if (intervened_) return;  // the first decision stands
  intervened_ = true;
  intervention_ = {rule.disruptive, rule.status, {}, &rule, engine_ == Engine::on && phase_ != 5};
  if (rule.disruptive == Disruptive::redirect) {
    intervention_.redirect = expand(rule.redirect);
    if (rule.status < 300 || rule.status > 399) intervention_.status = 302;
  }
}

void Transaction::record(const Rule& rule) {
  if (matches_.size() >= kMaxMatches) return;
  Match match;
  match.rule = &rule;
  if (!rule.unconditional || rule.chained) {
    match.variable = cut(label(last_.value));
    match.value = cut(last_.value.value);
    match.decoded = cut(last_.decoded);
    match.matched = cut(last_.matched);
  }
  match.message = cut(expand(rule.message));
  match.data = cut(expand(rule.log_data));
  matches_.push_back(std::move(match));
}

/// A blocklist that says nothing lets everybody pass, whichever way the rule asks; whoever reads the events shall know.
void Transaction::unanswered(const Rule& rule, const Value& value) {
  if (matches_.size() >= kMaxMatches) return;
  Match match;
  match.rule = &rule;
  match.variable = cut(label(value));
  match.message = "a blocklist did not answer: " + cut(rule.op->argument());
  match.unanswered = true;
  matches_.push_back(std::move(match));
}

/// Where a spent budget denies nothing (monitor), each halves those that follow: all together cost about two.
std::uint32_t Transaction::match_limit() const {
  const std::uint32_t limit = program_->settings.match_limit;
  return budgets_spent_ == 0 ? limit : std::max(limit >> std::min(budgets_spent_, 31U), kLeastMatchLimit);
}

/// A pattern that would take too long neither matched nor not: that is a verdict of its own.
void Transaction::budget_spent(const Rule& rule, const Value& value) {
  ++budgets_spent_;
  if (matches_.size() < kMaxMatches) {
    Match match;
    match.rule = &rule;
    match.variable = cut(label(value));
    match.message = "the value takes a pattern longer than its budget";
    match.budget_exhausted = true;
    matches_.push_back(std::move(match));
  }
  if (!policy_->deny_when_budget_is_spent || intervened_) return;
  intervened_ = true;
  intervention_ = {Disruptive::deny, 403, {}, &rule, engine_ == Engine::on && phase_ != 5};
}

}  // namespace bulwark::waf
