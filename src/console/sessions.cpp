#include "console/sessions.h"

#include <algorithm>

#include "console/secret_text.h"

namespace bulwark::console {

std::string Sessions::open(std::string user, Role role) {
  std::string token = random_hex(kTokenBytes);
  const std::lock_guard lock(mutex_);
  make_room();
  const MonoTime now = clock_.mono();
  Session session{secret_hash(token), std::move(user), role, random_hex(kTokenBytes), now, now};
  std::string id = session.id;
  sessions_.emplace(std::move(id), std::move(session));
  return token;
}

std::optional<Session> Sessions::use(std::string_view token) {
  if (token.size() != 2 * kTokenBytes) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(secret_hash(token));
  if (found == sessions_.end()) return std::nullopt;
  if (expired(found->second)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = clock_.mono();
  return found->second;
}

bool Sessions::alive(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(std::string(id));
  return found != sessions_.end() && !expired(found->second);
}

void Sessions::close(std::string_view id) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(std::string(id));
}

void Sessions::close_all_of(std::string_view user) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& each) { return each.second.user == user; });
}

std::size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

bool Sessions::expired(const Session& session) const {
  const MonoTime now = clock_.mono();
  return now - session.used >= limits_.idle || now - session.opened >= limits_.lifetime;
}

void Sessions::make_room() {
  if (sessions_.size() < kMax) return;
  std::erase_if(sessions_, [&](const auto& each) { return expired(each.second); });
  if (sessions_.size() < kMax) return;
  sessions_.erase(
      std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
}

}  // namespace bulwark::console
