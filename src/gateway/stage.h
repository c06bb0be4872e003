// One step of the request path: a guard, a limit, an identity check. A stage is one file, its test beside it, and one line in
// apps/bulwark/request_path.cpp that says why it stands there. Plain synchronous code; it may ask to wait, never block.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/exchange.h"

namespace bulwark::gateway {

/// When a stage runs. Bodies are whole in their phases; streams pass through BodyFilters instead.
/// upstream_failed: nobody answered, nothing has left yet; a stage may choose Exchange::upstream and say `again` (not wait).
enum class Phase : std::uint8_t { request_head, request_body, response_head, response_body, finished, upstream_failed };

constexpr std::uint8_t bit(Phase phase) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(phase)); }

/// What happens when the stage's own machinery fails (returns an Error).
enum class OnError : std::uint8_t { fail_closed, fail_open };

struct StageInfo {
  std::string_view name;    ///< static storage; "waf"
  std::uint8_t phases = 0;  ///< bits of the phases it wants to be called in
  OnError on_error = OnError::fail_closed;
};

/// Immutable after construction and shared by all workers: per-exchange state lives in Exchange::state<T>(index),
/// per-worker state in thread_local or in a per-worker object of the stage's own.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual const StageInfo& info() const = 0;
  /// `index`: this stage's slot for Exchange::state. In phase `finished` the verdict is ignored.
  virtual Result<Verdict> run(Phase phase, Exchange& exchange, std::size_t index) const = 0;
};

}  // namespace bulwark::gateway
