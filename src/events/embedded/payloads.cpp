// Dictionary compression over libzstd.
#include "events/embedded/payloads.h"

#include <zdict.h>
#include <zstd.h>

#include "base/check.h"

namespace bulwark::events::embedded {
namespace {

Error corrupt() { return internal_error(Code::corrupt, "an event in the store cannot be decompressed"); }

}  // namespace

Dictionaries::~Dictionaries() {
  for (auto& [id, dictionary] : by_id_) ZSTD_freeDDict(dictionary);
}

void Dictionaries::add(ByteView dictionary) {
  const std::uint32_t id = ZDICT_getDictID(dictionary.data(), dictionary.size());
  const std::lock_guard lock(mutex_);
  auto& place = by_id_[id];
  if (place == nullptr) place = ZSTD_createDDict(dictionary.data(), dictionary.size());
}

ZSTD_DDict_s* Dictionaries::find(std::uint32_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Unpacker::Unpacker(const Dictionaries& dictionaries) : dictionaries_(dictionaries), context_(ZSTD_createDCtx()) {
  CHECK(context_ != nullptr);
}

Unpacker::~Unpacker() { ZSTD_freeDCtx(context_); }

Result<std::size_t> Unpacker::size(ByteView packed, std::size_t max_bytes) const {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > max_bytes) return corrupt();
  return static_cast<std::size_t>(size);
}

Result<void> Unpacker::unpack(ByteView packed, std::span<std::uint8_t> out) {
  const std::uint32_t id = ZSTD_getDictID_fromFrame(packed.data(), packed.size());
  std::size_t written = 0;
  if (id == 0) {
    written = ZSTD_decompressDCtx(context_, out.data(), out.size(), packed.data(), packed.size());
  } else {
    ZSTD_DDict_s* dictionary = dictionaries_.find(id);
    if (dictionary == nullptr) return corrupt();
    written = ZSTD_decompress_usingDDict(context_, out.data(), out.size(), packed.data(), packed.size(), dictionary);
  }
  if (ZSTD_isError(written) != 0 || written != out.size()) return corrupt();
  return {};
}

Packer::Packer() : context_(ZSTD_createCCtx()) { CHECK(context_ != nullptr); }

Packer::~Packer() {
  ZSTD_freeCDict(dictionary_);
  ZSTD_freeCCtx(context_);
}

void Packer::use(ByteView dictionary) {
  ZSTD_freeCDict(dictionary_);
  dictionary_ = ZSTD_createCDict(dictionary.data(), dictionary.size(), kLevel);
  CHECK(dictionary_ != nullptr);
}

ByteView Packer::pack(ByteView plain) {
  if (dictionary_ == nullptr) return pack_without_dictionary(plain);
  out_.resize(ZSTD_compressBound(plain.size()));
  const std::size_t size = ZSTD_compress_usingCDict(context_, out_.data(), out_.size(), plain.data(), plain.size(), dictionary_);
  CHECK(ZSTD_isError(size) == 0);
  return {out_.data(), size};
}

ByteView Packer::pack_without_dictionary(ByteView plain) {
  out_.resize(ZSTD_compressBound(plain.size()));
  const std::size_t size = ZSTD_compressCCtx(context_, out_.data(), out_.size(), plain.data(), plain.size(), kLevel);
  CHECK(ZSTD_isError(size) == 0);
  return {out_.data(), size};
}

DictionaryTrainer::DictionaryTrainer(std::uint32_t known_dictionaries) {
  for (std::uint32_t i = 0; i < known_dictionaries && next_ < UINT64_MAX / kGrowth; ++i) next_ *= kGrowth;
}

void DictionaryTrainer::see(ByteView plain) {
  ++seen_;
  if (seen_ + kSamples < next_ || sizes_.size() >= kSamples || plain.size() > kMaxSampleBytes) return;
  samples_.insert(samples_.end(), plain.begin(), plain.end());
  sizes_.push_back(plain.size());
}

Bytes DictionaryTrainer::train(std::uint32_t id) {
  next_ *= kGrowth;
  Bytes content(kDictionaryBytes);
  const std::size_t size =
      ZDICT_trainFromBuffer(content.data(), content.size(), samples_.data(), sizes_.data(), static_cast<unsigned>(sizes_.size()));
  Bytes dictionary;
  if (ZDICT_isError(size) == 0) {
    // Trained dictionaries carry a random id; ours are numbered, so that the store's table names them.
    dictionary.assign(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(size));
    for (int byte = 0; byte < 4; ++byte) dictionary[4 + static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(id >> (8 * byte));
  }
  samples_.clear();
  sizes_.clear();
  return dictionary;
}

}  // namespace bulwark::events::embedded
