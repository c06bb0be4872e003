// The chat guard on the request path: what a client says to the model is checked and stripped of personal data; what the model
// answers gets it back. One object per route.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "chat/settings.h"
#include "gateway/stage.h"
#include "gateway/upstream_settings.h"
#include "storage/database.h"
#include "wire/json/writer.h"

namespace bulwark::chat {

/// What the routes share: the key that surrogates are drawn from, and the models.
class Guard {
 public:
  /// Errors: origin config.
  /// Where budgets are kept over a restart, and conversations; without a file they are not.
  struct Files {
    std::optional<storage::OpenOptions> budgets;
    std::optional<storage::OpenOptions> conversations;
  };
  /// Errors: origin config, or of storage.
  static Result<std::shared_ptr<const Guard>> create(const Settings& settings, const Files& files);
  static Result<std::shared_ptr<const Guard>> create(const Settings& settings) { return create(settings, Files()); }
  virtual ~Guard() = default;

  /// By the name of `upstreams`; nullptr: there is none.
  using FindUpstream = std::function<std::shared_ptr<const gateway::UpstreamSettings>(std::string_view name)>;
  /// The stage of one route. Errors: origin config.
  virtual Result<std::shared_ptr<const gateway::Stage>> stage(const RouteSettings& settings, const FindUpstream& find = {}) const = 0;
  /// An object: `conversations` if they are kept, `budgets`, and `confirmations`: the tool calls that wait for a person, with what the
  /// model asks for.
  virtual void write_status(json::Writer& writer) const = 0;
  /// Errors, origin client: `not_found` when no call with this id waits (any more).
  virtual Result<void> decide(std::string_view id, bool confirmed) const = 0;
};

}  // namespace bulwark::chat
