// The TX collection: names that rules mention are slots known beforehand, names made at run time go into a table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "waf/bodies/arguments.h"
#include "waf/compiler/program.h"

namespace bulwark::waf {

class Bag {
 public:
  static constexpr std::size_t kMaxNames = 4096;  ///< made at run time, in one transaction; more are dropped

  explicit Bag(TextArena& arena) : arena_(&arena) {}
  void clear(const Program& program);

  /// A null view (data() == nullptr): not set. `value` must live as long as the arena.
  std::string_view get(std::uint32_t slot) const { return slots_[slot]; }
  std::string_view get(std::string_view name) const;
  void set(std::uint32_t slot, std::string_view value) { slots_[slot] = value.data() == nullptr ? std::string_view("") : value; }
  void set(std::string_view name, std::string_view value);
  void unset(std::uint32_t slot) { slots_[slot] = {}; }
  void unset(std::string_view name);

  /// Calls `visit(name, value)` for each of `slots` that is set.
  template <class Visit>
  void each_of(const std::vector<std::uint32_t>& slots, Visit&& visit) const {
    for (const std::uint32_t i : slots)
      if (slots_[i].data() != nullptr) visit(std::string_view(program_->tx_names[i]), slots_[i]);
  }
  /// Likewise for each that no rule names.
  template <class Visit>
  void each_other(Visit&& visit) const {
    for (const auto& entry : extra_)
      if (entry.value.data() != nullptr) visit(entry.name, entry.value);
  }

 private:
  struct Entry {
    std::string_view name;
    std::string_view value;
  };
  std::uint32_t slot_of(std::string_view lower_name) const;

  TextArena* arena_;
  const Program* program_ = nullptr;
  std::vector<std::string_view> slots_;
  std::vector<Entry> extra_;                                ///< in order of first setting
  std::unordered_map<std::string, std::uint32_t> by_name_;  ///< lower case, into extra_
};

}  // namespace bulwark::waf
