// Collections that outlive a transaction (IP, GLOBAL, SESSION, USER, RESOURCE), in memory, bounded, each value with its expiry.
// Shared by all workers and kept over rule reloads.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace bulwark::waf {

class PersistentStore {
 public:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMaxCollections = 100'000;  ///< the one used longest ago makes room
  static constexpr std::size_t kMaxNames = 256;            ///< in one collection
  static constexpr std::size_t kMaxValueBytes = 4096;

  /// `collection` is "ip/203.0.113.9_…": kind and key. Nothing is kept for a collection until something is set in it.
  std::optional<std::string> get(std::string_view collection, std::string_view name, WallTime now);
  void set(std::string_view collection, std::string_view name, std::string_view value, WallTime now, std::uint32_t timeout_s);
  /// Adds to the number that stands there (0 if none); no other worker can come between.
  void add(std::string_view collection, std::string_view name, std::int64_t by, WallTime now, std::uint32_t timeout_s);
  void unset(std::string_view collection, std::string_view name);
  void expire(std::string_view collection, std::string_view name, WallTime at);
  std::vector<std::pair<std::string, std::string>> all(std::string_view collection, WallTime now);
  std::size_t size() const;

 private:
  struct Value {
    std::string text;
    WallTime expires = 0;  ///< 0: with its collection
  };
  struct Collection {
    std::string key;
    WallTime expires = 0;  ///< moved on by every write
    std::unordered_map<std::string, Value> values;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Collection> by_use;  ///< most recently used first
    std::unordered_map<std::string_view, std::list<Collection>::iterator> by_key;
  };
  Shard& shard_of(std::string_view collection);
  static Collection* find(Shard& shard, std::string_view collection, WallTime now);
  static Value* writable(Shard& shard, std::string_view collection, std::string_view name, WallTime now, std::uint32_t timeout_s);

  std::array<Shard, kShards> shards_;
};

}  // namespace bulwark::waf
