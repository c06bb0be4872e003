// What the CLI asks the running process: one line of JSON in, one line of JSON out (docs/formats/admin_socket.md).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "events/bus.h"
#include "events/store.h"
#include "soc/center.h"

namespace bulwark::json {
class Value;
}

namespace bulwark::soc {

struct AdminParts {
  Desk* desk = nullptr;
  events::Store* store = nullptr;
  events::Bus* bus = nullptr;                   ///< flushed before events are looked for; may be nullptr
  std::function<std::string()> status;          ///< a JSON object: addresses, uptime, counters …
  std::function<Result<std::string>()> reload;  ///< one sentence on what was taken over
  /// What the planes are asked that this room knows nothing about: the answer's "result" as JSON, or an Error; nullopt: not theirs.
  std::function<std::optional<Result<std::string>>(std::string_view command, const json::Value& question, std::string_view by)> planes;
};

class Admin {
 public:
  static constexpr std::size_t kMaxQuestion = 64 * 1024;
  static constexpr std::size_t kMaxIds = 1000;  ///< in one `known`
  static constexpr std::size_t kMaxListed = 1000;

  explicit Admin(AdminParts parts) : parts_(std::move(parts)) {}

  /// {"ok":true,…} or {"ok":false,"error":{"code":…,"message":…}}, without the newline. `by` names who asks ("user:root").
  std::string answer(std::string_view question, std::string_view by);

 private:
  Result<std::string> answer_to(std::string_view command, const json::Value& question, std::string_view by);
  Result<std::string> entries();
  Result<std::string> alerts(const json::Value& question);
  Result<std::string> incidents(const json::Value& question);
  Result<std::string> block(const json::Value& question, std::string_view by);
  Result<std::string> undo(const json::Value& question, std::string_view by);
  Result<std::string> explain(const json::Value& question);
  Result<std::string> events(const json::Value& question);
  Result<std::string> known(const json::Value& question);
  Result<std::string> reload();
  Result<std::string> status();

  AdminParts parts_;
};

/// For the CLI: sends one question to the socket and gives the answer's line. Errors: `unavailable` when nobody listens.
Result<std::string> ask_admin(const std::string& socket_path, std::string_view question);

}  // namespace bulwark::soc
