// One part of a snapshot: the entries whose key hashes here. Copied when one of them changes.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "control/table.h"

namespace bulwark::control {

struct Snapshot::Part {
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const noexcept { return std::hash<std::string_view>{}(key); }
  };
  std::unordered_multimap<std::string, Entry, Hash, std::equal_to<>> by_key;
  WallTime earliest = INT64_MAX;  ///< no entry here expires before
};

}  // namespace bulwark::control
