// Shards, each with its lock and its order of use.
#include "waf/engine/persistent.h"

#include <charconv>
#include <functional>

#include "waf/seclang/text.h"

namespace bulwark::waf {
namespace {

constexpr WallTime kSecond = 1'000'000'000;

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

PersistentStore::Shard& PersistentStore::shard_of(std::string_view collection) {
  return shards_[std::hash<std::string_view>{}(collection) % kShards];
}

PersistentStore::Collection* PersistentStore::find(Shard& shard, std::string_view collection, WallTime now) {
  const auto at = shard.by_key.find(collection);
  if (at == shard.by_key.end()) return nullptr;
  if (at->second->expires <= now) {
    const auto dead = at->second;
    shard.by_key.erase(at);
    shard.by_use.erase(dead);
    return nullptr;
  }
  shard.by_use.splice(shard.by_use.begin(), shard.by_use, at->second);
  return &shard.by_use.front();
}

PersistentStore::Value* PersistentStore::writable(Shard& shard, std::string_view collection, std::string_view name, WallTime now,
                                                  std::uint32_t timeout_s) {
  Collection* found = find(shard, collection, now);
  if (found == nullptr) {
    if (shard.by_use.size() >= kMaxCollections / kShards) {
      shard.by_key.erase(shard.by_use.back().key);
      shard.by_use.pop_back();
    }
    shard.by_use.push_front({std::string(collection), 0, {}});
    shard.by_key.emplace(shard.by_use.front().key, shard.by_use.begin());
    found = &shard.by_use.front();
  }
  found->expires = now + timeout_s * kSecond;
  const std::string key = lower(name);
  const auto at = found->values.find(key);
  if (at != found->values.end()) {
    if (at->second.expires != 0 && at->second.expires <= now) at->second = {};
    return &at->second;
  }
  return found->values.size() < kMaxNames ? &found->values[key] : nullptr;
}

std::optional<std::string> PersistentStore::get(std::string_view collection, std::string_view name, WallTime now) {
  Shard& shard = shard_of(collection);
  const std::lock_guard lock(shard.mutex);
  Collection* found = find(shard, collection, now);
  if (found == nullptr) return std::nullopt;
  const auto at = found->values.find(lower(name));
  if (at == found->values.end()) return std::nullopt;
  if (at->second.expires != 0 && at->second.expires <= now) {
    found->values.erase(at);
    return std::nullopt;
  }
  return at->second.text;
}

void PersistentStore::set(std::string_view collection, std::string_view name, std::string_view value, WallTime now,
                          std::uint32_t timeout_s) {
  Shard& shard = shard_of(collection);
  const std::lock_guard lock(shard.mutex);
  if (Value* at = writable(shard, collection, name, now, timeout_s)) at->text = value.substr(0, kMaxValueBytes);
}

void PersistentStore::add(std::string_view collection, std::string_view name, std::int64_t by, WallTime now, std::uint32_t timeout_s) {
  Shard& shard = shard_of(collection);
  const std::lock_guard lock(shard.mutex);
  Value* at = writable(shard, collection, name, now, timeout_s);
  if (at == nullptr) return;
  std::int64_t sum = 0;
  at->text = std::to_string(__builtin_add_overflow(number(at->text), by, &sum) ? 0 : sum);
}

void PersistentStore::unset(std::string_view collection, std::string_view name) {
  Shard& shard = shard_of(collection);
  const std::lock_guard lock(shard.mutex);
  if (const auto at = shard.by_key.find(collection); at != shard.by_key.end()) at->second->values.erase(lower(name));
}

void PersistentStore::expire(std::string_view collection, std::string_view name, WallTime at) {
  Shard& shard = shard_of(collection);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_key.find(collection);
  if (found == shard.by_key.end()) return;
  const auto value = found->second->values.find(lower(name));
  if (value == found->second->values.end()) return;
  value->second.expires = at;
  found->second->expires = std::max(found->second->expires, at);
}

std::vector<std::pair<std::string, std::string>> PersistentStore::all(std::string_view collection, WallTime now) {
  Shard& shard = shard_of(collection);
  const std::lock_guard lock(shard.mutex);
  std::vector<std::pair<std::string, std::string>> out;
  if (Collection* found = find(shard, collection, now))
    for (const auto& [name, value] : found->values)
      if (value.expires == 0 || value.expires > now) out.emplace_back(name, value.text);
  return out;
}

std::size_t PersistentStore::size() const {
  std::size_t total = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    total += shard.by_use.size();
  }
  return total;
}

}  // namespace bulwark::waf
