// From the model that a client names to the upstream, key and name that stand for it, and who is asked when it fails.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/model_settings.h"
#include "gateway/upstream_settings.h"
#include "trace/principal.h"
#include "wire/json/reader.h"

namespace bulwark::chat::routing {

/// By the name of `upstreams`; nullptr: there is none.
using FindUpstream = std::function<std::shared_ptr<const gateway::UpstreamSettings>(std::string_view name)>;

struct Model {
  ModelSettings settings;
  std::shared_ptr<const gateway::UpstreamSettings> upstream;  ///< nullptr: the route's
  /// What the upstream is to be told, when the client said `asked`.
  std::string_view name(std::string_view asked) const;
};

/// Those that are asked one after the other, the first at once; points into the router.
using Chain = std::vector<const Model*>;

/// Immutable, one a route.
class Router {
 public:
  static constexpr std::size_t kMaxChain = 16;

  /// Errors: config/invalid for an upstream that does not exist.
  static Result<Router> create(const std::vector<ModelSettings>& models, const FindUpstream& find);

  /// No models are listed: every name goes to the route's upstream.
  bool idle() const { return models_.empty(); }
  /// Empty: there is no such model, or not for this user.
  Chain chain(std::string_view asked, const trace::Principal& who) const;

 private:
  const Model* find(std::string_view asked) const;
  std::vector<std::shared_ptr<const Model>> models_;
};

/// Whether an answer with this status is a reason to ask once more, and whether the same model may be asked.
bool worth_another(std::uint16_t status);
bool worth_the_same(std::uint16_t status);

/// The request with another "model". `body` is JSON, an object.
Result<std::string> with_model(std::string_view body, std::string_view model);

}  // namespace bulwark::chat::routing
