// Who is signed in now. Held in memory only: a restart signs everybody out, and a stolen disk holds no session.
// The token lives in the browser's cookie; here only its SHA-256. Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "console/role.h"

namespace bulwark::console {

struct Session {
  std::string id;  ///< the token's hash; fit for comparing, never for signing in
  std::string user;
  Role role = Role::viewer;
  std::string csrf;  ///< asked for in a header with every state change
  MonoTime opened{};
  MonoTime used{};
};

struct SessionLimits {
  std::chrono::milliseconds idle;
  std::chrono::milliseconds lifetime;
};

class Sessions {
 public:
  static constexpr std::size_t kMax = 1'000;
  static constexpr std::size_t kTokenBytes = 32;

  Sessions(SessionLimits limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  /// A new token for the cookie. When the table is full the session unused for longest ends.
  std::string open(std::string user, Role role);
  /// The live session of this token, counted as used now.
  std::optional<Session> use(std::string_view token);
  /// Whether the session still lives; does not count as use.
  bool alive(std::string_view id);
  void close(std::string_view id);
  void close_all_of(std::string_view user);
  std::size_t size() const;

 private:
  bool expired(const Session& session) const;
  void make_room();

  const SessionLimits limits_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Session> sessions_;  ///< by id
};

}  // namespace bulwark::console
