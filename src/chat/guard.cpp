// What all routes share is made once: keys, models, budgets; and each route's stage from it.
#include <sodium.h>

#include <algorithm>
#include <fstream>

#include "chat/budgets/budgets.h"
#include "chat/chat_stage.h"
#include "chat/injection/model_file.h"
#include "chat/pii/tagger_file.h"
#include "chat/stage.h"
#include "chat/unseen.h"

namespace bulwark::chat {

namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return config_error("cannot read the model file " + path);
  std::string bytes(kMaxModelBytes + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

Result<injection::Models> load_models(const Settings& settings) {
  const PublicKey key = settings.model_key.empty() ? TRY(injection::built_in_key()) : TRY(parse_public_key(settings.model_key));
  if (settings.models.empty()) return injection::read_models(injection::built_in_models(), TRY(injection::built_in_key()));
  return injection::read_models(TRY(read_file(settings.models)), key);
}

Result<pii::TaggerModel> load_tagger(const Settings& settings) {
  const PublicKey built_in = TRY(injection::built_in_key());
  if (settings.tagger.empty()) return pii::read_tagger(pii::built_in_tagger(), built_in);
  const PublicKey key = settings.model_key.empty() ? built_in : TRY(parse_public_key(settings.model_key));
  return pii::read_tagger(TRY(read_file(settings.tagger)), key);
}

/// What nobody sees must not decide what somebody confirms.
std::string visible(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Unseen unseen = unseen_at(text, at);
    out.append(unseen.length > 0 ? "[unseen]" : text.substr(at, 1));
    at += std::max<std::size_t>(unseen.length, 1);
  }
  return out;
}

class ModelGuard final : public Guard {
 public:
  explicit ModelGuard(Shared shared) : shared_(std::move(shared)) {}
  Result<std::shared_ptr<const gateway::Stage>> stage(const RouteSettings& settings, const routing::FindUpstream& find) const override {
    auto router = TRY(routing::Router::create(settings.models, find));
    return make_chat_stage(settings, TRY(tools::Policy::create(settings.tools)), std::move(router), shared_);
  }
  void write_status(json::Writer& writer) const override {
    writer.begin_object();
    if (shared_.conversations)
      if (const auto counts = shared_.conversations->counts(); counts.ok())
        writer.key("conversations").begin_object().field("records", counts->records).field("persons", counts->persons).end_object();
    writer.key("budgets");
    shared_.budgets->write_status(writer);
    writer.key("confirmations").begin_array();
    for (const auto& each : shared_.confirmations->pending()) {
      writer.begin_object().field("id", each.id).field("user", each.request.user).field("tenant", each.request.tenant);
      writer.field("tool", visible(each.request.tool)).field("arguments", visible(each.request.arguments));
      writer.field("asked", to_rfc3339(each.asked)).field("expires", to_rfc3339(each.expires)).end_object();
    }
    writer.end_array().end_object();
  }
  Result<void> decide(std::string_view id, bool confirmed) const override { return shared_.confirmations->decide(id, confirmed); }

 private:
  Shared shared_;
};

}  // namespace

Result<std::shared_ptr<const Guard>> Guard::create(const Settings& settings, const Files& files) {
  if (sodium_init() < 0) return internal_error(Code::unavailable, "libsodium could not be initialised");
  Shared shared;
  if (settings.pseudonym_key.value.empty())
    secure_random(shared.key.data(), shared.key.size());
  else
    shared.key = pii::derive(shared.key, "pseudonym_key", settings.pseudonym_key.value);
  shared.detector = std::make_shared<const injection::Detector>(TRY(load_models(settings)));
  shared.tagger = std::make_shared<const pii::TaggerModel>(TRY(load_tagger(settings)));
  shared.budgets = TRY(budgets::Budgets::open(settings.budgets, settings.prices, files.budgets));
  if (settings.conversations.keep && files.conversations)
    shared.conversations = TRY(ConversationStore::open(*files.conversations, settings.conversations));
  return std::shared_ptr<const Guard>(std::make_shared<ModelGuard>(std::move(shared)));
}

}  // namespace bulwark::chat
