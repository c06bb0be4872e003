// "BWPT", version, size of the name, name, margins, name sets, weights, signature.
#include "chat/pii/tagger_file.h"

#include <cstring>

namespace bulwark::chat::pii {

namespace {

constexpr std::string_view kMagic = "BWPT";
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kPrefix = 12;  // magic, version, size of the name
constexpr std::size_t kMaxModelName = 128;
constexpr std::size_t kSetBytes = (std::size_t{1} << kNameBits) / 8;
constexpr std::size_t kMarginBytes = 4 * kLabels;
constexpr std::size_t kWeightBytes = (std::size_t{1} << kTagBits) * kLabels;
constexpr std::int32_t kMostMargin = 10'000;  // sums of features and margins stay far from overflow

NameSet read_set(std::string_view bytes) { return NameSet({bytes.begin(), bytes.begin() + kSetBytes}); }

}  // namespace

Result<TaggerModel> read_tagger(std::string_view file, const PublicKey& key) {
  const std::string_view body = TRY(verified(file, key));
  if (!body.starts_with(kMagic) || body.size() < kPrefix || read_u32(body.substr(4)) != kVersion)
    return config_error("the model file is not usable: it does not begin with BWPT, version 2");
  const std::size_t name = read_u32(body.substr(8));
  if (name > kMaxModelName || body.size() != kPrefix + name + kMarginBytes + 3 * kSetBytes + kWeightBytes)
    return config_error("the model file is not usable: sizes do not add up");
  TaggerModel model;
  model.name = body.substr(kPrefix, name);
  std::string_view rest = body.substr(kPrefix + name);
  for (std::size_t label = 0; label < kLabels; ++label) {
    model.margins[label] = static_cast<std::int32_t>(read_u32(rest.substr(4 * label)));
    if (model.margins[label] > kMostMargin || model.margins[label] < -kMostMargin)
      return config_error("the model file is not usable: a margin is out of bounds");
  }
  rest.remove_prefix(kMarginBytes);
  model.people = read_set(rest);
  model.places = read_set(rest.substr(kSetBytes));
  model.ordinary = read_set(rest.substr(2 * kSetBytes));
  rest.remove_prefix(3 * kSetBytes);
  model.weights.resize(kWeightBytes / kLabels);
  std::memcpy(model.weights.data(), rest.data(), kWeightBytes);
  return model;
}

std::string write_tagger(const TaggerModel& model, const SecretKey& key) {
  std::string out(kMagic);
  append_u32(out, kVersion);
  const std::string_view name = std::string_view(model.name).substr(0, kMaxModelName);
  append_u32(out, static_cast<std::uint32_t>(name.size()));
  out.append(name);
  for (const std::int32_t margin : model.margins) append_u32(out, static_cast<std::uint32_t>(margin));
  for (const NameSet* set : {&model.people, &model.places, &model.ordinary})
    out.append(reinterpret_cast<const char*>(set->bytes().data()), kSetBytes);
  out.append(reinterpret_cast<const char*>(model.weights.data()), kWeightBytes);
  return with_signature(std::move(out), key);
}

}  // namespace bulwark::chat::pii
