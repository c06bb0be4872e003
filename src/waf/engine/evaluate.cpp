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
    const bool matched = evaluate(index);
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
  if (rule.unconditional)
    set_variables(rule);
  else
    matched = rule.batch != kNone ? match_batch(index, rule) : match_dynamic(index, rule);
  if (!matched || (rule.chained && !evaluate(index + 1))) return false;
  act(index);
  return true;
}

const Transaction::Batch& Transaction::batch(std::uint32_t index) {
  Batch& batch = batches_[index];
  if (batch.version == version_) return batch;
  batch.version = version_;
  batch.has_traits = false;
  batch.lanes.clear();
  const BatchKey& key = program_->batches[index];
  for (const Target& target : program_->target_lists[key.targets].include) {
    const Gathered& values = gathered(target.source);
    if (values.names.empty()) continue;
    ColumnId column = values.column;
    for (const Transform each : program_->chains[key.chain]) column = columns_.transformed(column, each);
    batch.lanes.push_back({target.source, column});
  }
  return batch;
}

const Traits& Transaction::traits(std::uint32_t index) {
  Batch& batch = batches_[index];
  if (batch.has_traits) return batch.traits;
  batch.has_traits = true;
  batch.candidates.assign(program_->prefilter->words(), 0);
  batch.traits = {};
  const auto unite = [&](const Traits& traits) {
    batch.traits.longest = std::max(batch.traits.longest, traits.longest);
    batch.traits.bytes.unite(traits.bytes);
    for (std::size_t i = 0; i < batch.candidates.size(); ++i) batch.candidates[i] |= traits.candidates[i];
  };
  const BatchKey& key = program_->batches[index];
  for (const Lane& lane : batch.lanes) {
    unite(columns_.traits(lane.column));
    if (!key.every_step) continue;
    ColumnId column = gathered_[lane.source].column;
    for (const Transform each : program_->chains[key.chain]) {
      if (column != lane.column) unite(columns_.traits(column));
      column = columns_.transformed(column, each);
    }
  }
  batch.traits.candidates = batch.candidates;
  return batch.traits;
}

bool Transaction::match_batch(std::uint32_t index, const Rule& rule) {
  const Batch& values = batch(rule.batch);
  if (values.lanes.empty()) return false;
  if (rule.filter != kNone && !rule.negated && !possible(rule, traits(rule.batch))) return false;
  bool matched = false;
  for (const Lane& lane : values.lanes) matched |= match_lane(index, rule, lane);
  return matched;
}

bool Transaction::match_lane(std::uint32_t index, const Rule& rule, const Lane& lane) {
  // Whoever looks at every step looks there for candidates as well.
  const bool filtered = rule.filter != kNone && !rule.negated && !rule.multi_match;
  if (filtered && !possible(rule, columns_.traits(lane.column))) return false;
  bool matched = false;
  const std::size_t count = columns_.size(lane.column);
  const bool decided = intervened_;
  for (std::size_t i = 0; i < count; ++i) {
    if (intervened_ && !decided && intervention_.enforced) break;
    const TextId text = columns_.text(lane.column, i);
    if (filtered && !possible(rule, texts_.traits(text))) continue;
    const Value value = value_of(lane.source, i);
    if (excluded(index, value)) continue;
    matched |= rule.multi_match ? match_steps(rule, value, value.text) : match_text(rule, value, text);
  }
  return matched;
}

bool Transaction::match_dynamic(std::uint32_t index, const Rule& rule) {
  const TargetList& list = program_->target_lists[rule.targets];
  const std::vector<Transform>& chain = program_->chains[rule.chain];
  if (list.tx_slot != kNone && chain.empty()) {  // what most rules that steer others ask
    const std::string_view text = tx_.get(list.tx_slot);
    if (text.data() == nullptr) return false;
    const Value value{Variable::TX, false, list.include[0].name, text, 0};
    return !excluded(index, value) && match_value(rule, value, text);
  }
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
  if (rule.filter == kNone || possible(rule, texts_.traits(text))) return match_value(rule, value, texts_.bytes(text));
  if (!rule.negated) return false;
  hit(rule, value, texts_.bytes(text), {});
  return true;
}

bool Transaction::match_value(const Rule& rule, const Value& value, std::string_view decoded) {
  MatchContext context;
  context.match_limit = program_->settings.match_limit;
  context.want_captures = rule.capture;
  if (rule.op->takes_macros()) context.argument = expand(rule.argument);
  const bool found = rule.locates ? match_place(rule, decoded, context) : rule.op->match(decoded, context);
  if (context.budget_exhausted) {
    budget_spent(rule, value);
    return false;
  }
  if (found == rule.negated) return false;
  hit(rule, value, decoded, context);
  return true;
}

/// @geoLookup: what it finds is what GEO holds from here on.
bool Transaction::match_place(const Rule& rule, std::string_view decoded, MatchContext& context) {
  GeoLocation location;
  context.location = &location;
  if (!rule.op->match(decoded, context)) return false;
  geo_.clear();
  for (const auto& [name, text] : location.fields()) geo_.emplace_back(name, arena_.store(text));
  return true;
}

void Transaction::hit(const Rule& rule, const Value& value, std::string_view decoded, const MatchContext& context) {
  if (rule.capture)
    for (std::uint32_t i = 0; i < kMaxCaptures; ++i)
      if ((context.captured >> i) & 1) tx_.set(i, arena_.store(context.captures[i]));  // slot i is TX.i
  last_ = {value, decoded, arena_.store(context.matched)};
  if (matched_.size() < kMaxValues) matched_.emplace_back(value, decoded);
  set_variables(rule);
}

bool Transaction::excluded(std::uint32_t index, const Value& value) const {
  if (!bit(restricted_, index)) return false;
  for (const Control* each : exclusions_)
    if (bit(each->rules, index) && each->target.variable == value.variable &&
        (each->target.selector == Target::Selector::none || each->target.selects(value.name)))
      return true;
  return false;
}

}  // namespace bulwark::waf
