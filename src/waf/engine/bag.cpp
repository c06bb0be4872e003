// Names are compared without case.
#include "waf/engine/bag.h"

#include "waf/seclang/text.h"

namespace bulwark::waf {

void Bag::clear(const Program& program) {
  program_ = &program;
  slots_.assign(program.tx_names.size(), {});
  extra_.clear();
  by_name_.clear();
}

std::uint32_t Bag::slot_of(std::string_view lower_name) const {
  const auto at = program_->tx_slots.find(std::string(lower_name));
  return at == program_->tx_slots.end() ? kNone : at->second;
}

std::string_view Bag::get(std::string_view name) const {
  const std::string key = lower(name);
  if (const std::uint32_t slot = slot_of(key); slot != kNone) return slots_[slot];
  const auto at = by_name_.find(key);
  return at == by_name_.end() ? std::string_view{} : extra_[at->second].value;
}

void Bag::set(std::string_view name, std::string_view value) {
  const std::string key = lower(name);
  if (const std::uint32_t slot = slot_of(key); slot != kNone) return set(slot, value);
  if (value.data() == nullptr) value = "";
  if (const auto at = by_name_.find(key); at != by_name_.end()) {
    extra_[at->second].value = value;
  } else if (extra_.size() < kMaxNames) {
    by_name_.emplace(key, static_cast<std::uint32_t>(extra_.size()));
    extra_.push_back({arena_->store(name), value});
  }
}

void Bag::unset(std::string_view name) {
  const std::string key = lower(name);
  if (const std::uint32_t slot = slot_of(key); slot != kNone) return unset(slot);
  if (const auto at = by_name_.find(key); at != by_name_.end()) extra_[at->second].value = {};
}

}  // namespace bulwark::waf
