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

Transaction::Batch& Transaction::batch(std::uint32_t index) {
  Batch& batch = batches_[index];
  if (batch.version == version_) return batch;
  batch.version = version_;
  const BatchKey& key = program_->batches[index];
  gather(program_->target_lists[key.targets], batch.values);
  const std::vector<Transform>& chain = program_->chains[key.chain];
  const std::size_t words = program_->prefilter->words();
  batch.candidates.assign(words, 0);
  batch.traits = {};
  for (Value& value : batch.values) {
    value.text = texts_.transformed(value.text, chain);
    const Traits traits = texts_.traits(value.text);
    batch.traits.longest = std::max(batch.traits.longest, traits.longest);
    batch.traits.bytes.unite(traits.bytes);
    for (std::size_t i = 0; i < words; ++i) batch.candidates[i] |= traits.candidates[i];
  }
  batch.traits.candidates = batch.candidates;
  return batch;
}

bool Transaction::match_batch(std::uint32_t index, const Rule& rule) {
  const Batch& values = batch(rule.batch);
  const bool filtered = rule.filter != kNone;
  if (values.values.empty()) return false;
  if (filtered && !rule.negated && !program_->prefilter->possible(rule.filter, values.traits)) return false;
  bool matched = false;
  for (const Value& value : values.values) {
    if (filtered && !program_->prefilter->possible(rule.filter, texts_.traits(value.text))) {
      if (!rule.negated || excluded(index, value)) continue;
      hit(rule, value, texts_.bytes(value.text), {});
      matched = true;
      continue;
    }
    if (excluded(index, value)) continue;
    matched |= match_value(rule, value, texts_.bytes(value.text));
    if (intervened_ && intervention_.enforced) break;
  }
  return matched;
}

bool Transaction::match_dynamic(std::uint32_t index, const Rule& rule) {
  std::vector<Value> values = std::move(scratch_values_);  // taken, so that nobody else uses it meanwhile
  gather(program_->target_lists[rule.targets], values);
  const std::vector<Transform>& chain = program_->chains[rule.chain];
  bool matched = false;
  for (const Value& value : values) {
    if (excluded(index, value)) continue;
    if (chain.empty()) {
      matched |= match_value(rule, value, value.value);
      continue;
    }
    const TextId text = value.text != 0 ? value.text : texts_.add(value.value);
    if (rule.multi_match)
      matched |= match_steps(index, rule, value, text);
    else
      matched |= match_value(rule, value, texts_.bytes(texts_.transformed(text, chain)));
  }
  scratch_values_ = std::move(values);
  return matched;
}

/// multiMatch: the value as it came and after each transformation that changed it.
bool Transaction::match_steps(std::uint32_t index, const Rule& rule, const Value& value, TextId text) {
  (void)index;
  bool matched = match_value(rule, value, texts_.bytes(text));
  for (const Transform each : program_->chains[rule.chain]) {
    const TextId next = texts_.transformed(text, each);
    if (next == text) continue;
    text = next;
    matched |= match_value(rule, value, texts_.bytes(text));
  }
  return matched;
}

bool Transaction::match_value(const Rule& rule, const Value& value, std::string_view decoded) {
  MatchContext context;
  GeoLocation location;
  context.match_limit = program_->settings.match_limit;
  context.want_captures = rule.capture;
  if (rule.op->takes_macros()) context.argument = expand(rule.argument);
  if (rule.op->name() == "geoLookup") context.location = &location;
  const bool found = rule.op->match(decoded, context);
  if (context.budget_exhausted) {
    budget_spent(rule, value);
    return false;
  }
  if (context.location != nullptr && found) {
    geo_.clear();
    for (const auto& [name, text] : location.fields()) geo_.emplace_back(name, arena_.store(text));
  }
  if (found == rule.negated) return false;
  hit(rule, value, decoded, context);
  return true;
}

void Transaction::hit(const Rule& rule, const Value& value, std::string_view decoded, const MatchContext& context) {
  if (rule.capture)
    for (std::uint32_t i = 0; i < kMaxCaptures; ++i)
      if ((context.captured >> i) & 1) tx_.set(i, arena_.store(context.captures[i]));  // slot i is TX.i
  last_ = {value, decoded, arena_.store(context.matched)};
  if (matched_.size() < kMaxValues) matched_.emplace_back(label(value), decoded);
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
