// Shards of a hash table under a lock each, with a small ring beside it for those that left a moment ago.
#include "trace/in_flight.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <unordered_map>

#include "base/check.h"

namespace bulwark::trace {
namespace {

/// Clients may choose trace ids: a secret seed a process keeps them from choosing collisions.
struct SeededHash {
  std::uint64_t operator()(const TraceId& trace) const noexcept {
    static const std::array<std::uint64_t, 2> seed = [] {
      std::array<std::uint64_t, 2> made{};
      secure_random(made.data(), sizeof made);
      return made;
    }();
    std::array<std::uint64_t, 2> words{};
    __builtin_memcpy(words.data(), trace.bytes.data(), sizeof words);
    const auto product = static_cast<unsigned __int128>(words[0] ^ seed[0]) * (words[1] ^ seed[1]);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
};

}  // namespace

struct alignas(64) InFlight::Shard {
  struct Left {
    std::shared_ptr<const Context> context;
    MonoTime until{};
  };
  mutable std::mutex mutex;
  std::atomic<std::size_t> count{0};  ///< of `live`; written under the lock
  std::unordered_multimap<TraceId, std::shared_ptr<const Context>, SeededHash> live;
  std::array<Left, kMaxLingering> left;
  std::size_t next_left = 0;
  std::atomic<MonoTime> lingers_until{};  ///< nobody of `left` is of interest after this; written under the lock

  /// Nobody who entered before this was asked is missed: who asks is caused by that request, through sockets.
  bool empty(MonoTime now) const {
    return count.load(std::memory_order_acquire) == 0 && lingers_until.load(std::memory_order_acquire) <= now;
  }
};

InFlight::InFlight(std::size_t shards, Duration linger, const Clock& clock) : clock_(clock), linger_(linger) {
  CHECK(shards > 0);
  for (std::size_t i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>());
}

InFlight::~InFlight() = default;

InFlight::Shard& InFlight::shard_of(const TraceId& trace) const { return *shards_[(SeededHash{}(trace) >> 40) % shards_.size()]; }

InFlight::Lease InFlight::enter(std::shared_ptr<const Context> context) {
  CHECK(context != nullptr);
  Shard& shard = shard_of(context->trace);
  {
    const std::lock_guard lock(shard.mutex);
    shard.live.emplace(context->trace, context);
    shard.count.store(shard.live.size(), std::memory_order_release);
  }
  return Lease(this, std::move(context));
}

void InFlight::leave(std::shared_ptr<const Context> context) {
  Shard& shard = shard_of(context->trace);
  const MonoTime until = clock_.mono() + linger_;
  Shard::Left left{std::move(context), until};
  const std::lock_guard lock(shard.mutex);
  const auto [first, last] = shard.live.equal_range(left.context->trace);
  const auto found = std::find_if(first, last, [&](const auto& each) { return each.second == left.context; });
  CHECK(found != last);
  shard.live.erase(found);
  std::swap(shard.left[shard.next_left], left);  // what it pushes out is freed after the lock
  shard.next_left = (shard.next_left + 1) % kMaxLingering;
  shard.lingers_until.store(until, std::memory_order_release);  // before the count: it is never gone from both
  shard.count.store(shard.live.size(), std::memory_order_release);
}

std::shared_ptr<const Context> InFlight::find(const TraceId& trace) const {
  const Shard& shard = shard_of(trace);
  const MonoTime now = clock_.mono();
  const std::lock_guard lock(shard.mutex);
  std::shared_ptr<const Context> newest;
  const auto [first, last] = shard.live.equal_range(trace);
  for (auto each = first; each != last; ++each)
    if (newest == nullptr || each->second->started > newest->started) newest = each->second;
  if (newest != nullptr) return newest;
  for (const auto& each : shard.left)
    if (each.context != nullptr && each.context->trace == trace && each.until > now &&
        (newest == nullptr || each.context->started > newest->started))
      newest = each.context;
  return newest;
}

std::vector<std::shared_ptr<const Context>> InFlight::all(std::size_t limit) const {
  std::vector<std::shared_ptr<const Context>> found;
  found.reserve(size());
  const MonoTime now = clock_.mono();
  for (const auto& shard : shards_) {
    if (shard->empty(now)) continue;
    const std::lock_guard lock(shard->mutex);
    for (const auto& [trace, context] : shard->live) found.push_back(context);
    if (shard->lingers_until.load(std::memory_order_relaxed) <= now) continue;
    for (const auto& each : shard->left)
      if (each.context != nullptr && each.until > now) found.push_back(each.context);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a->started < b->started; });
  if (found.size() > limit) found.resize(limit);
  return found;
}

std::size_t InFlight::size() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) count += shard->count.load(std::memory_order_acquire);
  return count;
}

InFlight::Lease::Lease(Lease&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), context_(std::move(other.context_)) {}

InFlight::Lease& InFlight::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    if (owner_ != nullptr) owner_->leave(std::move(context_));
    owner_ = std::exchange(other.owner_, nullptr);
    context_ = std::move(other.context_);
  }
  return *this;
}

InFlight::Lease::~Lease() {
  if (owner_ != nullptr) owner_->leave(std::move(context_));
}

}  // namespace bulwark::trace
