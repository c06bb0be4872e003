// The requests in flight with their inputs and identity, by which a SQL statement or a tool call finds the request that
// caused it: exactly, by the trace id in its SQL comment or header; else by the whole set in flight at that moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/ip.h"
#include "trace/principal.h"

namespace bulwark::trace {

/// One value that came in from outside, as the app will see it (decoded).
struct Input {
  enum class Where : std::uint8_t { path, query, header, cookie, body, chat, tool_argument };
  Where where = Where::query;
  std::string name;  ///< parameter or JSON path
  std::string value;
};

/// Immutable once entered.
struct Context {
  TraceId trace;
  SpanId span;
  Principal principal;
  IpAddress client;
  std::string route;
  std::string target;  ///< method and path, for people
  MonoTime started{};
  std::vector<Input> inputs;      ///< at most kMaxInputs, each value at most kMaxInputBytes
  bool inputs_truncated = false;  ///< a limit cut something off: checks that rely on completeness must fail closed

  static constexpr std::size_t kMaxInputs = 512;
  static constexpr std::size_t kMaxInputBytes = 64 * 1024;
};

/// Thread-safe; sharded by trace id, so that workers seldom meet on a lock. Contexts that left stay findable for `linger`,
/// at most kMaxLingering a shard (the oldest goes first): an app may answer before its last statement is sent.
class InFlight {
 public:
  static constexpr std::size_t kMaxLingering = 64;

  explicit InFlight(std::size_t shards = 16, Duration linger = std::chrono::milliseconds(500), const Clock& clock = system_clock());
  ~InFlight();
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

  /// Leaves when destroyed; must not outlive its InFlight.
  class [[nodiscard]] Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();

   private:
    friend class InFlight;
    Lease(InFlight* owner, std::shared_ptr<const Context> context) : owner_(owner), context_(std::move(context)) {}
    InFlight* owner_ = nullptr;
    std::shared_ptr<const Context> context_;
  };

  Lease enter(std::shared_ptr<const Context> context);
  /// Of several with one id (a client may repeat it) the newest; in flight before lingering. nullptr: unknown.
  std::shared_ptr<const Context> find(const TraceId& trace) const;
  /// Everything in flight now or still lingering, oldest first, at most `limit`; a full answer may be cut off:
  /// checks that rely on completeness ask for one more than they can handle and fail closed when they get it.
  std::vector<std::shared_ptr<const Context>> all(std::size_t limit) const;
  /// In flight now, without the lingering.
  std::size_t size() const;

 private:
  struct Shard;
  Shard& shard_of(const TraceId& trace) const;
  void leave(std::shared_ptr<const Context> context);

  const Clock& clock_;
  Duration linger_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace bulwark::trace
