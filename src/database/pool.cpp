// Taking, waiting, giving back.
#include "database/pool.h"

#include <algorithm>

#include "wire/postgres/message.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;

constexpr std::string_view kReset = "DISCARD ALL";
constexpr std::size_t kResetAnswer = 16 * 1024;  ///< bytes that an answer to it may take

}  // namespace

/// One connection's place: counted while the connection lives, wherever it is.
struct Pools::Slot {
  Slot(Pools& owner, std::string of) : pools(owner), role_and_database(std::move(of)), alive(owner.alive_) {
    ++pools.open_;
    ++pools.pools_[role_and_database].open;
  }
  ~Slot() {
    if (*alive) pools.slot_freed(role_and_database);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  Pools& pools;
  std::string role_and_database;
  std::shared_ptr<bool> alive;
};

Pools::Pools(net::Reactor& reactor) : reactor_(reactor), timer_(reactor, [this] { on_tick(); }), flushed_(MonoTime::min()) {}

Pools::~Pools() { *alive_ = false; }

Result<std::unique_ptr<Backend>> Pools::acquire(PoolUser& user, const std::shared_ptr<const Policy>& policy,
                                                const std::shared_ptr<const BackendLogin>& login) {
  Pool& pool = pools_[login->role_and_database];
  Waiting wanted{&user, policy, login};
  // Whoever waits already comes first.
  if (pool.queue.empty())
    if (auto backend = take(pool, wanted)) return backend;
  if (pool.queue.size() >= policy->settings.pool.queue)
    return upstream_error(Code::exhausted, "too many sessions wait for a connection to PostgreSQL");
  pool.queue.push_back(std::move(wanted));
  return std::unique_ptr<Backend>();
}

void Pools::forget(const PoolUser& user, const BackendLogin& login) {
  const auto pool = pools_.find(login.role_and_database);
  if (pool == pools_.end()) return;
  pool->second.queue.remove_if([&](const Waiting& each) { return each.user == &user; });
  if (pool->second.open == 0 && pool->second.queue.empty()) pools_.erase(pool);
}

std::unique_ptr<Backend> Pools::take(Pool& pool, const Waiting& wanted) {
  if (auto idle = take_idle(pool, wanted.login->key)) return idle;
  if (!make_room(pool, wanted.policy->settings.pool)) return nullptr;
  auto backend = std::make_unique<Backend>(reactor_, wanted.policy, *wanted.login);
  backend->slot = std::make_shared<Slot>(*this, wanted.login->role_and_database);
  return backend;
}

/// The one used last: it is the warmest, and the others may grow old and be closed.
std::unique_ptr<Backend> Pools::take_idle(Pool& pool, const std::string& key) {
  const auto shelf = pool.shelves.find(key);
  if (shelf == pool.shelves.end()) return nullptr;
  auto& idle = shelf->second.idle;
  while (!idle.empty()) {
    auto backend = std::move(idle.back());
    idle.pop_back();
    // What PostgreSQL said meanwhile, most likely goodbye, is not for the next session.
    (void)backend->leg.fill(1);
    if (backend->leg.in.empty() && !backend->leg.ended() && !backend->leg.failed()) return backend;
    retire(std::move(backend));
  }
  return nullptr;
}

/// An idle connection with other start-up settings, or of another role, makes room for one that is needed now.
bool Pools::make_room(Pool& pool, const PoolSettings& settings) {
  if (pool.open >= settings.size && !close_one_idle(pool)) return false;
  if (open_ < settings.max_backends) return true;
  for (auto& [name, other] : pools_)
    if (close_one_idle(other)) return open_ < settings.max_backends;
  return false;
}

Pools::Shelf& Pools::shelf_of(Pool& pool, const std::string& key) {
  if (pool.shelves.size() >= kMaxShelves && !pool.shelves.contains(key)) {
    const auto empty = std::find_if(pool.shelves.begin(), pool.shelves.end(), [](const auto& each) { return each.second.idle.empty(); });
    pool.shelves.erase(empty != pool.shelves.end() ? empty : pool.shelves.begin());
  }
  return pool.shelves[key];
}

bool Pools::close_one_idle(Pool& pool) {
  for (auto& [key, shelf] : pool.shelves) {
    if (shelf.idle.empty()) continue;
    // Moved out first: what its slot's end sets off must not find it here.
    const auto gone = std::move(shelf.idle.front());
    shelf.idle.erase(shelf.idle.begin());
    return true;
  }
  return false;
}

void Pools::slot_freed(const std::string& role_and_database) {
  --open_;
  const auto pool = pools_.find(role_and_database);
  CHECK(pool != pools_.end() && pool->second.open > 0);
  --pool->second.open;
  grant_soon();
}

void Pools::release(std::unique_ptr<Backend> backend, const PoolSettings& settings, bool reset) {
  Leg& leg = backend->leg;
  const bool old = reactor_.now() - backend->born() >= settings.max_lifetime || backend->born() <= flushed_;
  if (old || settings.mode == PoolMode::none || leg.failed() || leg.ended() || !leg.in.empty() || !leg.drained()) {
    wire::write_terminate(leg.out);
    (void)leg.flush();
    return retire(std::move(backend));
  }
  if (!reset && backend->cancels()->on_the_way == 0 && !backend->cancels()->lost) return settle(std::move(backend), settings);
  backend->serve([this] { visit_resting(); });
  resting_.push_back({std::move(backend), settings, reactor_.now() + kRestTimeout, reset});
  if (!timer_.armed()) timer_.arm(kTick);
  visit_resting();
}

void Pools::settle(std::unique_ptr<Backend> backend, const PoolSettings& settings) {
  backend->expires = std::min(reactor_.now() + settings.idle_timeout, backend->born() + settings.max_lifetime);
  Backend& settled = *backend;
  settled.serve([this, &settled] { idle_ready(settled); });
  Pool& pool = pools_[settled.role_and_database()];
  shelf_of(pool, settled.key()).idle.push_back(std::move(backend));
  if (!pool.queue.empty()) grant_soon();
  if (!timer_.armed()) timer_.arm(kTick);
}

void Pools::visit_resting() {
  for (auto each = resting_.begin(); each != resting_.end();) {
    const Rest now = rest(*each);
    if (now == Rest::goes_on) {
      ++each;
      continue;
    }
    auto backend = std::move(each->backend);
    const PoolSettings settings = each->settings;
    each = resting_.erase(each);
    if (now == Rest::over)
      settle(std::move(backend), settings);
    else
      retire(std::move(backend));
  }
}

/// First every cancel request must have arrived, so that it cannot hit the reset or the next user; then the reset.
Pools::Rest Pools::rest(Resting& resting) {
  Backend& backend = *resting.backend;
  if (reactor_.now() >= resting.deadline || backend.cancels()->lost) return Rest::failed;
  if (backend.cancels()->on_the_way > 0) return Rest::goes_on;
  if (!resting.reset) return backend.leg.ended() || backend.leg.failed() ? Rest::failed : Rest::over;
  if (!resting.asked) {
    wire::write_query(backend.leg.out, kReset);
    resting.asked = true;
  }
  (void)backend.leg.flush();
  while (backend.leg.fill(kResetAnswer)) {
  }
  if (backend.leg.failed() || backend.leg.ended()) return Rest::failed;
  return read_reset(backend);
}

Pools::Rest Pools::read_reset(Backend& backend) {
  for (;;) {
    const auto header = wire::read_header(backend.leg.in.view(), kResetAnswer);
    if (!header.ok()) return Rest::failed;
    if (!header->has_value()) return Rest::goes_on;
    const std::size_t size = wire::kHeaderBytes + (*header)->body_bytes;
    if (backend.leg.in.size() < size) return Rest::goes_on;
    const std::string_view body = backend.leg.in.view().substr(wire::kHeaderBytes, (*header)->body_bytes);
    switch ((*header)->type) {
      case wire::backend::kParameterStatus:
        if (const auto parameter = wire::read_parameter_status(body); parameter.ok())
          backend.parameters.set(parameter->name, parameter->value);
        break;
      case wire::backend::kCommandComplete:
      case wire::backend::kNoticeResponse:
      case wire::backend::kNotificationResponse: break;
      case wire::backend::kReadyForQuery: {
        const auto state = wire::read_ready_for_query(body);
        const bool clean = state.ok() && *state == wire::TransactionState::idle && backend.leg.in.size() == size;
        backend.leg.in.consume(size);
        backend.statements.clear();
        return clean ? Rest::over : Rest::failed;
      }
      default: return Rest::failed;
    }
    backend.leg.in.consume(size);
  }
}

/// An idle connection that speaks, or ends, is of no more use: PostgreSQL goes down, or an administrator ended it.
void Pools::idle_ready(Backend& backend) {
  (void)backend.leg.fill(1);
  if (backend.leg.in.empty() && !backend.leg.ended() && !backend.leg.failed()) return;
  const auto pool = pools_.find(backend.role_and_database());
  if (pool == pools_.end()) return;
  auto& idle = shelf_of(pool->second, backend.key()).idle;
  for (auto each = idle.begin(); each != idle.end(); ++each) {
    if (each->get() != &backend) continue;
    auto gone = std::move(*each);
    idle.erase(each);
    return retire(std::move(gone));
  }
}

void Pools::retire(std::unique_ptr<Backend> backend) {
  backend->leg.close();
  backend->slot.reset();
  retired_.push_back(std::move(backend));
  reactor_.defer([this, alive = alive_] {
    if (*alive) retired_.clear();
  });
}

void Pools::grant_soon() {
  if (granting_) return;
  granting_ = true;
  reactor_.defer([this, alive = alive_] {
    if (!*alive) return;
    granting_ = false;
    grant_all();
  });
}

void Pools::grant_all() {
  // Granting runs sessions, which may change what is walked over here: first find all, then tell them.
  std::vector<std::pair<PoolUser*, std::unique_ptr<Backend>>> grants;
  for (auto pool = pools_.begin(); pool != pools_.end();) {
    auto& queue = pool->second.queue;
    while (!queue.empty()) {
      auto backend = take(pool->second, queue.front());
      if (backend == nullptr) break;
      grants.emplace_back(queue.front().user, std::move(backend));
      queue.pop_front();
    }
    pool = pool->second.open == 0 && queue.empty() ? pools_.erase(pool) : std::next(pool);
  }
  for (auto& [user, backend] : grants) user->granted(std::move(backend));
}

void Pools::on_tick() {
  visit_resting();
  const MonoTime now = reactor_.now();
  bool more = !resting_.empty();
  for (auto& [name, pool] : pools_)
    for (auto& [key, shelf] : pool.shelves) {
      for (std::size_t i = 0; i < shelf.idle.size();) {
        Backend& backend = *shelf.idle[i];
        if (backend.expires > now) {
          ++i;
          more = true;
          continue;
        }
        auto gone = std::move(shelf.idle[i]);
        shelf.idle.erase(shelf.idle.begin() + static_cast<std::ptrdiff_t>(i));
        wire::write_terminate(gone->leg.out);
        (void)gone->leg.flush();
        retire(std::move(gone));
      }
    }
  if (more) timer_.arm(kTick);
}

std::shared_ptr<const Parameters> Pools::welcome(const BackendLogin& login) const {
  const auto pool = pools_.find(login.role_and_database);
  if (pool == pools_.end()) return nullptr;
  const auto shelf = pool->second.shelves.find(login.key);
  return shelf == pool->second.shelves.end() ? nullptr : shelf->second.welcome;
}

void Pools::learn_welcome(const BackendLogin& login, std::shared_ptr<const Parameters> parameters) {
  const auto pool = pools_.find(login.role_and_database);
  if (pool != pools_.end()) shelf_of(pool->second, login.key).welcome = std::move(parameters);
}

void Pools::flush() {
  flushed_ = reactor_.now();
  for (auto& [name, pool] : pools_)
    for (auto& [key, shelf] : pool.shelves) {
      shelf.welcome.reset();
      for (auto& backend : shelf.idle) retire(std::move(backend));
      shelf.idle.clear();
    }
}

bool Pools::contended(const BackendLogin& login) const {
  const auto pool = pools_.find(login.role_and_database);
  return pool != pools_.end() && !pool->second.queue.empty();
}

}  // namespace bulwark::database
