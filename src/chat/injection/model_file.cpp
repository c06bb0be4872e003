// "BWCM", version, JSON header, weights, Ed25519 signature over all before it; numbers little endian.
#include "chat/injection/model_file.h"

#include <fmt/format.h>

#include <cstring>

#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::chat::injection {

namespace {

constexpr std::string_view kMagic = "BWCM";
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kMaxHeader = 64 * 1024;
constexpr std::size_t kModels = 3;
constexpr std::size_t kPrefix = 12;  // magic, version, header size

Error broken(std::string_view what) { return config_error(fmt::format("the model file is not usable: {}", what)); }

Result<float> number(const json::Value& header, std::string_view key) {
  const auto value = header.find(key);
  if (!value || !value->real()) return broken(fmt::format("no number '{}'", key));
  return static_cast<float>(*value->real());
}

Result<LinearModel> linear(const json::Value& header, std::string_view name, std::string_view weights) {
  LinearModel model;
  model.bias = TRY(number(header, std::string(name) + "_bias"));
  model.scale = TRY(number(header, std::string(name) + "_scale"));
  model.weights.resize(kFeatures);
  std::memcpy(model.weights.data(), weights.data(), kFeatures);
  return model;
}

/// Scores that do not fall from one share of alarms to the next smaller.
Result<AlarmCurve> curve(const json::Value& header, std::string_view name) {
  std::array<float, AlarmCurve::kPercents.size()> scores{};
  const auto list = header.find(name);
  if (!list || list->size() != scores.size()) return broken(fmt::format("'{}' has the wrong size", name));
  std::size_t i = 0;
  for (const json::Value& each : *list) {
    scores[i] = static_cast<float>(each.real().value_or(0));
    if (i > 0 && scores[i] < scores[i - 1]) return broken(fmt::format("'{}' falls", name));
    ++i;
  }
  return AlarmCurve(scores);
}

Result<Models> read_body(std::string_view body) {
  if (body.size() < kPrefix || !body.starts_with(kMagic)) return broken("it does not begin with BWCM");
  if (read_u32(body.substr(4)) != kVersion) return broken("unknown version");
  const std::size_t header_size = read_u32(body.substr(8));
  if (header_size > kMaxHeader || body.size() != kPrefix + header_size + kModels * kFeatures) return broken("sizes do not add up");
  const auto document = json::Document::parse(body.substr(kPrefix, header_size));
  if (!document.ok()) return broken("the header is not JSON");
  const json::Value header = document->root();
  Models models;
  models.name = header.text("name");
  const std::string_view weights = body.substr(kPrefix + header_size);
  models.direct = TRY(linear(header, "direct", weights.substr(0, kFeatures)));
  models.segment = TRY(linear(header, "segment", weights.substr(kFeatures, kFeatures)));
  models.soup = TRY(linear(header, "soup", weights.substr(2 * kFeatures)));
  models.turn_alarms = TRY(curve(header, "turn_alarms"));
  models.document_alarms = TRY(curve(header, "document_alarms"));
  models.conversation_alarms = TRY(curve(header, "conversation_alarms"));
  models.soup_alarms = TRY(curve(header, "soup_alarms"));
  const auto list = header.find("document");
  if (!list || list->size() != kDocumentFeatures) return broken("wrong number of document weights");
  std::size_t i = 0;
  for (const json::Value& weight : *list) models.document[i++] = static_cast<float>(weight.real().value_or(0));
  return models;
}

}  // namespace

Result<Models> read_models(std::string_view file, const PublicKey& key) { return read_body(TRY(verified(file, key))); }

std::string write_models(const Models& models, const SecretKey& key) {
  std::string header;
  json::Writer writer(header);
  writer.begin_object().field("name", models.name).field("feature_bits", static_cast<std::uint64_t>(kFeatureBits));
  const auto put = [&](std::string_view name, float value) { writer.field(name, static_cast<double>(value)); };
  put("direct_bias", models.direct.bias);
  put("direct_scale", models.direct.scale);
  put("segment_bias", models.segment.bias);
  put("segment_scale", models.segment.scale);
  put("soup_bias", models.soup.bias);
  put("soup_scale", models.soup.scale);
  writer.key("document").begin_array();
  for (const float weight : models.document) writer.value(static_cast<double>(weight));
  writer.end_array();
  const auto curve_of = [&](std::string_view name, const AlarmCurve& curve) {
    writer.key(name).begin_array();
    for (const float score : curve.scores()) writer.value(static_cast<double>(score));
    writer.end_array();
  };
  curve_of("turn_alarms", models.turn_alarms);
  curve_of("document_alarms", models.document_alarms);
  curve_of("conversation_alarms", models.conversation_alarms);
  curve_of("soup_alarms", models.soup_alarms);
  writer.end_object();

  std::string out(kMagic);
  append_u32(out, kVersion);
  append_u32(out, static_cast<std::uint32_t>(header.size()));
  out.append(header);
  for (const LinearModel* model : {&models.direct, &models.segment, &models.soup})
    out.append(reinterpret_cast<const char*>(model->weights.data()), model->weights.size());
  return with_signature(std::move(out), key);
}

}  // namespace bulwark::chat::injection
