// Writes down what people do in the console, each with their name: an event like any other, so that it can be searched,
// exported and alerted on.
#pragma once

#include <mutex>
#include <string_view>

#include "console/call.h"
#include "events/bus.h"

namespace bulwark::console {

class Record {
 public:
  /// `publisher` may be nullptr: nothing is recorded.
  Record(events::Publisher* publisher, const Clock& clock) : publisher_(publisher), clock_(clock) {}

  /// OCSF activity_id of authentication (3002).
  enum class Sign : std::uint8_t { on = 1, off = 2 };
  void authentication(const Call& call, Sign activity, bool success, std::string_view user, std::string_view message);

  /// OCSF activity_id of entity_management (3004).
  enum class Change : std::uint8_t { create = 1, read = 2, update = 3, erase = 4 };
  /// `rule` names the action: "console.block"; `target` what it was done to.
  void change(const Call& call, Change activity, std::string_view rule, std::string_view target, std::string_view message);

 private:
  events::Event base(const Call& call) const;
  void publish(const events::Event& event);

  std::mutex mutex_;  ///< a publisher belongs to one thread at a time
  events::Publisher* publisher_;
  const Clock& clock_;
};

}  // namespace bulwark::console
