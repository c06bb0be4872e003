// The chat guard on the request path: what a client says to the model is checked and stripped of personal data; what the model
// answers gets it back. One object per route.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "chat/notice.h"
#include "chat/settings.h"
#include "gateway/stage.h"
#include "gateway/upstream_settings.h"
#include "storage/database.h"
#include "wire/json/writer.h"

namespace bulwark::chat {

/// What the routes share: the key that surrogates are drawn from, and the models.
class Guard {
 public:
  /// Where budgets, conversations and earlier models are kept over a restart; without a file they are not.
  struct Needs {
    std::optional<storage::OpenOptions> budgets;
    std::optional<storage::OpenOptions> conversations;
    std::optional<storage::OpenOptions> models;
    Tell tell;
  };
  /// Errors: origin config (a model file that is not usable, or missed too many canaries), or of storage.
  static Result<std::shared_ptr<const Guard>> create(const Settings& settings, const Needs& needs);
  static Result<std::shared_ptr<const Guard>> create(const Settings& settings) { return create(settings, Needs()); }
  virtual ~Guard() = default;

  /// By the name of `upstreams`; nullptr: there is none.
  using FindUpstream = std::function<std::shared_ptr<const gateway::UpstreamSettings>(std::string_view name)>;
  /// The stage of one route. Errors: origin config.
  virtual Result<std::shared_ptr<const gateway::Stage>> stage(const RouteSettings& settings, const FindUpstream& find = {}) const = 0;
  /// An object: `conversations` if they are kept, `models`, `drift`, `budgets`, and `confirmations`: the tool calls that wait for a
  /// person, with what the model asks for.
  virtual void write_status(json::Writer& writer) const = 0;
  /// The latest turns that are kept, of one person or of all: ConversationStore::latest(). Errors, origin client: `not_found` if none are.
  virtual Result<std::string> turns(std::string_view person) const = 0;
  /// Errors, origin client: `not_found` when no call with this id waits (any more).
  virtual Result<void> decide(std::string_view id, bool confirmed) const = 0;

  // Models. Each of the first two gives another guard, whose stages judge by other models; budgets, conversations and what waits for
  // people are the same. Its models are in force once the stages are, and settle() was called.
  /// By what `settings` name now. Errors: as of create().
  virtual Result<std::shared_ptr<const Guard>> renewed(const Settings& settings) const = 0;
  /// By the models that were in force before; `undo`: by those that the configuration names, after all. Errors, origin client:
  /// `not_found` if there are none; else as of create().
  virtual Result<std::shared_ptr<const Guard>> rolled_back(std::string_view by, bool undo) const = 0;
  /// Writes down which models are in force, for a restart and a rollback, and tells. Errors: of storage.
  virtual Result<void> settle() const = 0;
  /// Which models, and how their trial went.
  virtual std::string models() const = 0;
  /// How scores lie from now on is what is usual. Errors: of storage.
  virtual Result<void> accept_drift() const = 0;
};

}  // namespace bulwark::chat
