// Single events compressed with zstd under a dictionary that the store trains from its own events: a 300-byte record has no
// repetition of its own, but looks like its neighbours.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/result.h"

struct ZSTD_CCtx_s;
struct ZSTD_CDict_s;
struct ZSTD_DCtx_s;
struct ZSTD_DDict_s;

namespace bulwark::events::embedded {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// All dictionaries of a store, for readers. Thread-safe.
class Dictionaries {
 public:
  static constexpr std::size_t kMaxBytes = 64 * 1024;  ///< of one dictionary
  ~Dictionaries();
  void add(ByteView dictionary);
  ZSTD_DDict_s* find(std::uint32_t id) const;  ///< lives as long as this; nullptr: unknown

 private:
  mutable std::mutex mutex_;
  std::map<std::uint32_t, ZSTD_DDict_s*> by_id_;
};

/// One thread's.
class Unpacker {
 public:
  explicit Unpacker(const Dictionaries& dictionaries);
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  /// Errors: `corrupt`, also when the result would pass `max_bytes`.
  Result<std::size_t> size(ByteView packed, std::size_t max_bytes) const;
  Result<void> unpack(ByteView packed, std::span<std::uint8_t> out);

 private:
  const Dictionaries& dictionaries_;
  ZSTD_DCtx_s* context_;
};

class Packer {
 public:
  static constexpr int kLevel = 1;
  Packer();
  ~Packer();
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;
  /// From now on, for pack().
  void use(ByteView dictionary);
  /// Valid until the next call.
  ByteView pack(ByteView plain);
  ByteView pack_without_dictionary(ByteView plain);

 private:
  ZSTD_CCtx_s* context_;
  ZSTD_CDict_s* dictionary_ = nullptr;
  Bytes out_;
};

/// Collects samples and says when it is time for a (better) dictionary: after 2,000 events, 64,000, 2 million …
class DictionaryTrainer {
 public:
  static constexpr std::size_t kSamples = 2000;
  static constexpr std::size_t kMaxSampleBytes = 2048;
  static constexpr std::size_t kDictionaryBytes = 16 * 1024;
  static constexpr std::uint64_t kGrowth = 32;

  explicit DictionaryTrainer(std::uint32_t known_dictionaries);
  void see(ByteView plain);
  bool due() const { return seen_ >= next_ && sizes_.size() >= kSamples / 2; }
  /// With the id `id`; empty when the samples do not suffice, then tried again later.
  Bytes train(std::uint32_t id);

 private:
  std::uint64_t seen_ = 0;
  std::uint64_t next_ = kSamples;
  Bytes samples_;
  std::vector<std::size_t> sizes_;
};

}  // namespace bulwark::events::embedded
