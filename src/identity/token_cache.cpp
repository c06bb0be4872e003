// Set-associative slots; the digest, being random to everybody, is its own hash.
#include "identity/token_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>
#include <vector>

namespace bulwark::identity {

struct TokenCache::Slot {
  crypto::Digest digest{};
  std::shared_ptr<const VerifiedToken> token;
};

struct alignas(64) TokenCache::Stripe {
  std::mutex mutex;
  std::vector<Slot> slots;
};

TokenCache::TokenCache(std::size_t capacity)
    : buckets_(std::bit_ceil(std::max(capacity, kWays * kStripes)) / kWays), stripes_(new Stripe[kStripes]) {
  for (std::size_t i = 0; i < kStripes; ++i) stripes_[i].slots.resize(buckets_ / kStripes * kWays);
}

TokenCache::~TokenCache() = default;

TokenCache::Slot* TokenCache::bucket(const crypto::Digest& token, Stripe*& stripe) const {
  std::uint64_t hash = 0;
  std::memcpy(&hash, token.data(), sizeof hash);
  const std::size_t index = hash & (buckets_ - 1);
  stripe = &stripes_[index % kStripes];
  return stripe->slots.data() + index / kStripes * kWays;
}

std::shared_ptr<const VerifiedToken> TokenCache::find(const crypto::Digest& token, WallTime now) const {
  Stripe* stripe = nullptr;
  const Slot* const first = bucket(token, stripe);
  const std::scoped_lock lock(stripe->mutex);
  for (const Slot* slot = first; slot != first + kWays; ++slot)
    if (slot->token && slot->digest == token) return now < slot->token->expires ? slot->token : nullptr;
  return nullptr;
}

void TokenCache::put(const crypto::Digest& token, std::shared_ptr<const VerifiedToken> verified) {
  Stripe* stripe = nullptr;
  Slot* const first = bucket(token, stripe);
  const std::scoped_lock lock(stripe->mutex);
  Slot* chosen = first;
  for (Slot* slot = first; slot != first + kWays; ++slot) {
    if (slot->token && slot->digest == token) {
      chosen = slot;
      break;
    }
    if (!chosen->token) continue;
    if (!slot->token || slot->token->expires < chosen->token->expires) chosen = slot;
  }
  chosen->digest = token;
  chosen->token = std::move(verified);
}

}  // namespace bulwark::identity
