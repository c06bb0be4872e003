// What all routes share is made once: keys, models, budgets; and each route's stage from it.
#include <sodium.h>

#include <algorithm>

#include "base/log.h"
#include "chat/budgets/budgets.h"
#include "chat/chat_stage.h"
#include "chat/models/keeper.h"
#include "chat/stage.h"
#include "chat/unseen.h"

namespace bulwark::chat {

namespace {

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

drift::Monitor::Usual usual_scores(models::Shelf* shelf, const models::ModelSet& set) {
  drift::Monitor::Usual usual;
  for (std::size_t channel = 0; shelf != nullptr && channel < drift::kChannels; ++channel)
    if (auto known = shelf->reference(set.injection_digest, to_string(drift::kWatched[channel])); known.ok()) usual[channel] = *known;
  return usual;
}

/// Watches the scores of one model; what is usual for it outlives the process with its file.
std::shared_ptr<drift::Monitor> watch_scores(const DriftSettings& settings, const std::shared_ptr<models::Shelf>& shelf,
                                             const models::ModelSet& set, const Tell& tell) {
  const auto save = [shelf, digest = set.injection_digest](Channel channel, const drift::Histogram& usual) {
    if (!shelf) return;
    if (const auto saved = shelf->save_reference(digest, to_string(channel), usual); !saved.ok())
      log::error("how scores usually lie could not be written: {}", to_string(saved.error()));
  };
  return std::make_shared<drift::Monitor>(settings, usual_scores(shelf.get(), set), save, tell);
}

struct Parts {
  Settings settings;
  Tell tell;
  Shared shared;
  std::shared_ptr<const models::Keeper> keeper;
};

class ModelGuard final : public Guard {
 public:
  /// `before`: whose models these replace, or nullptr.
  ModelGuard(Parts parts, models::Choice choice, const ModelGuard* before) : parts_(std::move(parts)), choice_(std::move(choice)) {
    const models::ModelSet& set = choice_->set;
    set_ = set;
    changed_ =
        before == nullptr || before->set_.injection_digest != set.injection_digest || before->set_.tagger_digest != set.tagger_digest;
    parts_.shared.detector = set.detector;
    parts_.shared.tagger = set.tagger;
    if (before == nullptr || before->set_.injection_digest != set.injection_digest)
      parts_.shared.drift = watch_scores(parts_.settings.drift, parts_.keeper->shelf(), set, parts_.tell);
  }

  Result<std::shared_ptr<const gateway::Stage>> stage(const RouteSettings& settings, const routing::FindUpstream& find) const override {
    auto router = TRY(routing::Router::create(settings.models, find));
    return make_chat_stage(settings, TRY(tools::Policy::create(settings.tools)), std::move(router), parts_.shared);
  }

  void write_status(json::Writer& writer) const override {
    const Shared& shared = parts_.shared;
    writer.begin_object();
    if (shared.conversations)
      if (const auto counts = shared.conversations->counts(); counts.ok())
        writer.key("conversations").begin_object().field("records", counts->records).field("persons", counts->persons).end_object();
    writer.key("models");
    parts_.keeper->write_status(writer, set_);
    writer.key("drift");
    shared.drift->write_status(writer);
    writer.key("budgets");
    shared.budgets->write_status(writer);
    writer.key("confirmations").begin_array();
    for (const auto& each : shared.confirmations->pending()) {
      writer.begin_object().field("id", each.id).field("user", each.request.user).field("tenant", each.request.tenant);
      writer.field("tool", visible(each.request.tool)).field("arguments", visible(each.request.arguments));
      writer.field("asked", to_rfc3339(each.asked)).field("expires", to_rfc3339(each.expires)).end_object();
    }
    writer.end_array().end_object();
  }

  Result<std::string> turns(std::string_view person) const override {
    constexpr std::size_t kMost = 50;
    if (!parts_.shared.conversations) return client_error(Code::not_found, "conversations are not kept (chat.conversations.keep)");
    return parts_.shared.conversations->latest(person, kMost);
  }

  Result<void> decide(std::string_view id, bool confirmed) const override { return parts_.shared.confirmations->decide(id, confirmed); }

  Result<std::shared_ptr<const Guard>> renewed(const Settings& settings) const override {
    Parts parts = parts_;
    parts.settings.models = settings.models;
    parts.settings.tagger = settings.tagger;
    parts.settings.model_key = settings.model_key;
    parts.settings.canaries = settings.canaries;
    models::Choice choice = TRY(parts.keeper->choose(parts.settings));
    return std::shared_ptr<const Guard>(std::make_shared<ModelGuard>(std::move(parts), std::move(choice), this));
  }

  Result<std::shared_ptr<const Guard>> rolled_back(std::string_view by, bool undo) const override {
    models::Choice choice =
        TRY(undo ? parts_.keeper->configured_again(parts_.settings, by) : parts_.keeper->earlier(parts_.settings, set_, by));
    return std::shared_ptr<const Guard>(std::make_shared<ModelGuard>(parts_, std::move(choice), this));
  }

  Result<void> settle() const override {
    if (!choice_) return {};
    if (changed_) TRY(parts_.keeper->settle(*choice_));
    choice_.reset();
    return {};
  }

  std::string models() const override { return set_.in_words() + ": " + set_.trial; }

  Result<void> accept_drift() const override {
    if (const auto& shelf = parts_.keeper->shelf()) TRY(shelf->forget_references(set_.injection_digest));
    parts_.shared.drift->begin_anew();
    return {};
  }

 private:
  Parts parts_;
  models::ModelSet set_;
  bool changed_ = true;
  mutable std::optional<models::Choice> choice_;  ///< until settle(), which whoever swaps guards calls once; holds the files' bytes
};

}  // namespace

Result<std::shared_ptr<const Guard>> Guard::create(const Settings& settings, const Needs& needs) {
  if (sodium_init() < 0) return internal_error(Code::unavailable, "libsodium could not be initialised");
  Parts parts{settings, needs.tell, {}, {}};
  Shared& shared = parts.shared;
  if (settings.pseudonym_key.value.empty())
    secure_random(shared.key.data(), shared.key.size());
  else
    shared.key = pii::derive(shared.key, "pseudonym_key", settings.pseudonym_key.value);
  auto shelf = needs.models ? TRY(models::Shelf::open(*needs.models)) : std::shared_ptr<models::Shelf>();
  parts.keeper = std::make_shared<const models::Keeper>(std::move(shelf), needs.tell);
  models::Choice choice = TRY(parts.keeper->choose(settings));
  shared.budgets = TRY(budgets::Budgets::open(settings.budgets, settings.prices, needs.budgets));
  if (settings.conversations.keep && needs.conversations)
    shared.conversations = TRY(ConversationStore::open(*needs.conversations, settings.conversations, needs.tell));
  return std::shared_ptr<const Guard>(std::make_shared<ModelGuard>(std::move(parts), std::move(choice), nullptr));
}

}  // namespace bulwark::chat
