// The connections to PostgreSQL that sessions of one worker share, by role and database: who may have one, who waits, and what
// becomes of one that is given back. On the reactor's thread only.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "database/backend.h"
#include "database/settings.h"
#include "net/reactor.h"

namespace bulwark::database {

/// A session that wants a connection.
class PoolUser {
 public:
  virtual ~PoolUser() = default;
  /// Comes from the reactor's loop, never from inside a call of the pool.
  virtual void granted(std::unique_ptr<Backend> backend) = 0;
};

class Pools {
 public:
  static constexpr std::chrono::seconds kRestTimeout{10};  ///< for a reset, or for cancel requests still on their way
  static constexpr std::chrono::seconds kTick{1};
  static constexpr std::size_t kMaxShelves = 256;  ///< sets of start-up settings remembered for a role in a database

  explicit Pools(net::Reactor& reactor);
  ~Pools();

  /// A connection that is ready, or one still to be opened by the caller. nullptr: `user` waits until granted() or forget().
  /// Error upstream/exhausted: too many wait already.
  Result<std::unique_ptr<Backend>> acquire(PoolUser& user, const std::shared_ptr<const Policy>& policy,
                                           const std::shared_ptr<const BackendLogin>& login);
  void forget(const PoolUser& user, const BackendLogin& login);

  /// Takes back a connection on which nothing runs. `reset`: its session state is the last user's and must go.
  void release(std::unique_ptr<Backend> backend, const PoolSettings& settings, bool reset);
  /// A cancel request reached PostgreSQL or was lost: connections that waited for that may be free now.
  void cancel_ended() { visit_resting(); }

  /// What PostgreSQL reports to a session of this login, once one has been opened.
  std::shared_ptr<const Parameters> welcome(const BackendLogin& login) const;
  void learn_welcome(const BackendLogin& login, std::shared_ptr<const Parameters> parameters);
  /// Closes every connection instead of handing it on: the policy by which it was opened is no longer in force.
  void flush();

  std::size_t open() const { return open_; }
  bool contended(const BackendLogin& login) const;

 private:
  struct Waiting {
    PoolUser* user;
    std::shared_ptr<const Policy> policy;
    std::shared_ptr<const BackendLogin> login;
  };
  /// Of equal logins.
  struct Shelf {
    std::vector<std::unique_ptr<Backend>> idle;
    std::shared_ptr<const Parameters> welcome;
  };
  /// Of one role in one database.
  struct Pool {
    std::list<Waiting> queue;
    std::map<std::string, Shelf> shelves;
    std::size_t open = 0;
  };
  struct Slot;
  struct Resting {
    std::unique_ptr<Backend> backend;
    PoolSettings settings;
    MonoTime deadline;
    bool reset;
    bool asked = false;
  };

  std::unique_ptr<Backend> take(Pool& pool, const Waiting& wanted);
  std::unique_ptr<Backend> take_idle(Pool& pool, const std::string& key);
  static Shelf& shelf_of(Pool& pool, const std::string& key);
  bool make_room(Pool& pool, const PoolSettings& settings);
  static bool close_one_idle(Pool& pool);
  void slot_freed(const std::string& role_and_database);
  void settle(std::unique_ptr<Backend> backend, const PoolSettings& settings);
  void visit_resting();
  enum class Rest : std::uint8_t { goes_on, over, failed };
  Rest rest(Resting& resting);
  Rest read_reset(Backend& backend);
  void idle_ready(Backend& backend);
  void retire(std::unique_ptr<Backend> backend);
  void grant_soon();
  void grant_all();
  void on_tick();

  net::Reactor& reactor_;
  net::Timer timer_;
  std::unordered_map<std::string, Pool> pools_;
  std::list<Resting> resting_;
  std::vector<std::unique_ptr<Backend>> retired_;  ///< destroyed at the end of the turn, since they may be calling us
  std::size_t open_ = 0;
  MonoTime flushed_{};
  bool granting_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace bulwark::database
