// Puts every statement and every login on record as events: who, what (its shape), how long, how many rows, for which request,
// and what was decided. Literals and parameters never appear.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "database/examiner.h"
#include "database/followed_result.h"
#include "events/bus.h"

namespace bulwark::database {

/// How a statement ended.
struct Outcome {
  std::uint64_t rows = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  Duration took{};
  std::string_view sqlstate;                                            ///< of the server's error; empty: none
  std::span<const std::pair<std::string, std::uint64_t>> covered = {};  ///< masked columns of the result, and how many values each
  const FollowedResult* followed = nullptr;

  /// What decided about the result, or the first that was noticed; nullptr: nothing was.
  const Finding* finding() const {
    if (followed == nullptr || followed->findings().empty()) return nullptr;
    return followed->denial() != nullptr ? followed->denial() : &followed->findings().front();
  }
  bool denied() const { return followed != nullptr && followed->denial() != nullptr; }
};

class StatementLog {
 public:
  /// `publisher` may be nullptr: nothing is recorded.
  explicit StatementLog(events::Publisher* publisher) : publisher_(publisher) {}

  void statement(const SessionInfo& session, const StatementRecord& record, const Outcome& outcome, WallTime now);
  void login(const SessionInfo& session, bool encrypted, WallTime now);
  /// A login, a protocol or an upstream failure.
  void refusal(const SessionInfo& session, const Refusal& refusal, WallTime now);

 private:
  void publish(events::Event& event, const SessionInfo& session);

  events::Publisher* publisher_;
  std::string detail_;  ///< reused
};

}  // namespace bulwark::database
