// The inner loop: which rule looks at which value, and what the prefilter saves it from.
#include <algorithm>

#include "waf/operators/geo.h"
#include "waf/transaction.h"

namespace bulwark::waf {
namespace {

bool bit(const RuleBits& bits, std::uint32_t index) { return (bits[index >> 6] >> (index & 63)) & 1; }

}  // namespace

void Transaction::run_phase(std::uint8_t phase) {
  if (engine_ == Engine::off) return;
  const bool stopped = intervened_ && intervention_.enforced;
  if (phase != 5 && (stopped || phase <= allowed_until_)) return;
  phase_ = phase;
  const auto& order = program_->phases[phase - 1];
  for (std::size_t at = 0; at < order.size();) {
    const std::uint32_t index = order[at];
    const Rule& rule = program_->rules[index];
    if (bit(removed_, index)) {
      ++at;
      continue;
    }
    current_ = &rule;
    matched_.clear();
    const bool matched = rule.steers ? steered_by(index, rule) : evaluate(index);
    if (engine_ == Engine::off || (phase != 5 && phase <= allowed_until_)) return;
    if (phase != 5 && intervened_ && intervention_.enforced) return;
    if (matched && rule.skip_to != kNone)
      at = rule.skip_to;
    else
      at += 1 + (matched ? rule.skip : 0);
  }
}

/// The rule and, if it has one, the rest of its chain.
bool Transaction::evaluate(std::uint32_t index) {
  const Rule& rule = program_->rules[index];
  bool matched = true;
  if (!rule.unconditional)
    matched = rule.lanes.empty() ? match_dynamic(index, rule) : match_lanes(index, rule);
  else if (rule.sets)
    set_variables(rule);
  if (!matched || (rule.chained && !evaluate(index + 1))) return false;
  if (rule.acts) act(index);
  return true;
}

ColumnId Transaction::advance(std::uint32_t index) {
  const Lane& lane = program_->lanes[index];
  LaneEnd& end = lanes_[index];
  end.version = version_;
  if (lane.parent == kNone) {
    const Gathered& values = gathered(lane.source);
    end.gathered = values.version;
    return end.column = values.column;
  }
  const ColumnId before = column_of(lane.parent);
  const std::uint64_t newest = lanes_[lane.parent].gathered;
  if (end.gathered == newest) return end.column;
  end.gathered = newest;
  return end.column = before == 0 ? 0 : columns_.transformed(before, lane.step);
}

bool Transaction::match_lanes(std::uint32_t index, const Rule& rule) {
  const bool filtered = rule.filter != kNone && !rule.negated;
  bool matched = false;
  for (const std::uint32_t lane : rule.lanes) {
    const ColumnId column = column_of(lane);
    if (column == 0) continue;
    if (filtered && !columns_.possible(column, rule.filter) && !(rule.multi_match && possible_before(rule, lane))) continue;
    matched |= match_lane(index, rule, lane, column);
  }
  return matched;
}

/// For multiMatch: whether any value at a step on the way to the lane could match.
bool Transaction::possible_before(const Rule& rule, std::uint32_t lane) {
  while ((lane = program_->lanes[lane].parent) != kNone)
    if (columns_.possible(column_of(lane), rule.filter)) return true;
  return false;
}

bool Transaction::match_lane(std::uint32_t index, const Rule& rule, std::uint32_t lane, ColumnId column) {
  const bool filtered = rule.filter != kNone && !rule.negated && !rule.multi_match;
  bool matched = false;
  const std::uint32_t source = program_->lanes[lane].source;
  const std::size_t count = columns_.size(column);
  const bool decided = intervened_;
  for (std::size_t i = 0; i < count; ++i) {
    if (intervened_ && !decided && intervention_.enforced) break;
    const TextId text = columns_.text(column, i);
    if (filtered && !texts_.possible(text, rule.filter)) continue;
    const Value value = value_of(source, i);
    if (excluded(index, value)) continue;
    matched |= rule.multi_match ? match_steps(rule, value, value.text) : match_text(rule, value, text);
  }
  return matched;
}

/// One TX variable, or whether it is set. False: there is nothing to look at.
bool Transaction::tx_value(const TargetList& list, Value& value) const {
  const Target& only = list.include[0];
  const std::string_view text = tx_.get(list.tx_slot);
  value = {Variable::TX, only.count, only.name, only.count ? std::string_view(text.data() == nullptr ? "0" : "1") : text, 0};
  return value.value.data() != nullptr;
}

bool Transaction::match_tx(std::uint32_t index, const Rule& rule, const TargetList& list) {
  Value value;
  return tx_value(list, value) && !excluded(index, value) && match_value(rule, value, value.value);
}

/// evaluate() of a rule that `steers`: half of all rules that a request meets.
bool Transaction::steered_by(std::uint32_t index, const Rule& rule) {
  Value value;
  if (!tx_value(program_->target_lists[rule.targets], value) || excluded(index, value)) return false;
  context_.match_limit = match_limit();
  context_.want_captures = false;
  const bool found = rule.op->match(value.value, context_);
  if (context_.budget_exhausted) budget_spent(rule, value);
  if (found == rule.negated || context_.budget_exhausted) return false;
  last_ = {value, value.value, kept(context_.matched)};
  return true;
}

bool Transaction::match_dynamic(std::uint32_t index, const Rule& rule) {
  const TargetList& list = program_->target_lists[rule.targets];
  const std::vector<Transform>& chain = program_->chains[rule.chain];
  if (list.tx_slot != kNone && chain.empty()) return match_tx(index, rule, list);
  std::vector<Value> values = std::move(scratch_values_);  // taken, so that nobody else uses it meanwhile
  gather(list, values);
  bool matched = false;
  for (const Value& value : values) {
    if (excluded(index, value)) continue;
    if (chain.empty()) {
      matched |= match_value(rule, value, value.value);
      continue;
    }
    const TextId text = value.text != 0 ? value.text : texts_.add(value.value);
    if (rule.multi_match)
      matched |= match_steps(rule, value, text);
    else
      matched |= match_value(rule, value, texts_.bytes(texts_.transformed(text, chain)));
  }
  scratch_values_ = std::move(values);
  return matched;
}

/// multiMatch: the value as it came and after each transformation that changed it.
bool Transaction::match_steps(const Rule& rule, const Value& value, TextId text) {
  bool matched = match_text(rule, value, text);
  for (const Transform each : program_->chains[rule.chain]) {
    const TextId next = texts_.transformed(text, each);
    if (next == text) continue;
    text = next;
    matched |= match_text(rule, value, text);
  }
  return matched;
}

bool Transaction::match_text(const Rule& rule, const Value& value, TextId text) {
  if (rule.filter == kNone || texts_.possible(text, rule.filter)) return match_value(rule, value, texts_.bytes(text));
  if (!rule.negated) return false;
  context_.clear();
  hit(rule, value, texts_.bytes(text));
  return true;
}

bool Transaction::match_value(const Rule& rule, const Value& value, std::string_view decoded) {
  context_.clear();
  context_.match_limit = match_limit();
  context_.want_captures = rule.capture;
  if (rule.op->takes_macros()) context_.argument = expand(rule.argument);
  const bool found = rule.locates ? match_place(rule, decoded) : rule.op->match(decoded, context_);
  if (context_.budget_exhausted) {
    budget_spent(rule, value);
    return false;
  }
  if (context_.unanswered) {
    unanswered(rule, value);
    return false;
  }
  if (found == rule.negated) return false;
  hit(rule, value, decoded);
  return true;
}

/// @geoLookup: what it finds is what GEO holds from here on.
bool Transaction::match_place(const Rule& rule, std::string_view decoded) {
  GeoLocation location;
  context_.location = &location;
  const bool found = rule.op->match(decoded, context_);
  context_.location = nullptr;
  if (!found) return false;
  geo_.clear();
  for (const auto& [name, text] : location.fields()) geo_.emplace_back(name, arena_.store(text));
  return true;
}

void Transaction::hit(const Rule& rule, const Value& value, std::string_view decoded) {
  if (rule.capture)
    for (std::uint32_t i = 0; i < kMaxCaptures; ++i)
      if ((context_.captured >> i) & 1) tx_.set(i, kept(context_.captures[i]));  // slot i is TX.i
  last_ = {value, decoded, kept(context_.matched)};
  if (matched_.size() < kMaxValues) matched_.emplace_back(value, decoded);
  if (rule.sets) set_variables(rule);
}

/// What an operator found, for as long as the transaction lasts: values do, the operator's own text does not.
std::string_view Transaction::kept(std::string_view found) {
  const std::less_equal<> not_after;
  const bool own = not_after(context_.text.data(), found.data()) && not_after(found.data(), context_.text.data() + context_.text.size());
  return own ? arena_.store(found) : found;
}

bool Transaction::is_excluded(std::uint32_t index, const Value& value) const {
  if (!bit(restricted_, index)) return false;
  for (const Control* each : exclusions_)
    if (bit(each->rules, index) && each->target.variable == value.variable &&
        (each->target.selector == Target::Selector::none || each->target.selects(value.name)))
      return true;
  return false;
}

}  // namespace bulwark::waf
