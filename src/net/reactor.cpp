// The loop itself: fetch events, dispatch, run what other threads posted, fire timers, run what was deferred.
#include "net/reactor.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <utility>
#include <vector>

#include "net/timer_wheel.h"

namespace bulwark::net {
namespace {

constexpr int kEventsPerTurn = 256;
constexpr std::size_t kWheelSlots = 8192;

}  // namespace

struct Reactor::State {
  explicit State(const Clock& with) : clock(with), started(with.mono()), now(started), wall(with.wall()) {}
  ~State() {
    if (epoll_fd >= 0) ::close(epoll_fd);
    if (wake_fd >= 0) ::close(wake_fd);
  }
  std::uint64_t tick_of(MonoTime time) const { return static_cast<std::uint64_t>((time - started) / Timer::kTick); }

  void read_clock() {
    now = clock.mono();
    wall = clock.wall();
  }

  int wait_ms() {
    if (stopping.load(std::memory_order_acquire) || !deferred.empty()) return 0;
    const auto distance = wheel.distance_to_next(fired_tick);
    if (!distance) return -1;
    const auto due = started + Timer::kTick * static_cast<std::int64_t>(fired_tick + *distance);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - clock.mono()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }

  void dispatch(int count) {
    fetched = count;
    for (current = 0; current < fetched; ++current) {
      const epoll_event& event = events[static_cast<std::size_t>(current)];
      auto* handler = static_cast<EventHandler*>(event.data.ptr);
      if (handler == nullptr) {  // the wake-up, or removed during this turn
        woken = true;
        continue;
      }
      handler->on_ready({(event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0,
                         (event.events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0, (event.events & (EPOLLHUP | EPOLLERR)) != 0});
    }
    fetched = 0;
  }

  void run_posted() {
    woken = false;
    {
      const std::lock_guard lock(mutex);
      if (posted.empty()) return;
      std::swap(posted, running);
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = ::read(wake_fd, &count, sizeof count);
    }
    for (auto& task : running) task();
    running.clear();
  }

  void run_deferred() {
    while (!deferred.empty()) {
      std::vector<std::function<void()>> tasks;
      std::swap(tasks, deferred);
      for (auto& task : tasks) task();
    }
  }

  void fire_due() {
    const std::uint64_t target = tick_of(now);
    if (target <= fired_tick) return;
    // After a long pause one rotation visits every slot; more would visit them twice.
    if (target - fired_tick > kWheelSlots) fired_tick = target - kWheelSlots;
    while (fired_tick < target) {
      const auto distance = wheel.distance_to_next(fired_tick);
      if (!distance || fired_tick + *distance > target) {
        fired_tick = target;
        return;
      }
      fired_tick += *distance;
      fire_slot(fired_tick, target);
    }
  }

  void fire_slot(std::uint64_t tick, std::uint64_t target) {
    TimerLink due;
    due.next = due.previous = &due;
    wheel.take(tick, due);
    while (due.next != &due) {  // a callback may cancel or destroy any timer of this list
      Timer& timer = static_cast<Timer&>(*due.next);
      wheel.remove(timer);
      if (timer.due_tick_ == Timer::kNever) continue;
      if (timer.due_tick_ > target) {  // put off since, or a later rotation
        wheel.insert(timer, timer.slot_tick_ = timer.due_tick_);
        continue;
      }
      timer.due_tick_ = Timer::kNever;
      const auto on_expiry = timer.on_expiry_;  // a copy: the callback may destroy its timer
      on_expiry();
    }
  }

  const Clock& clock;
  const MonoTime started;
  MonoTime now;
  WallTime wall;
  int epoll_fd = -1;
  int wake_fd = -1;
  std::atomic<bool> stopping{false};

  std::array<epoll_event, kEventsPerTurn> events{};
  int fetched = 0;
  int current = 0;
  bool woken = false;

  std::mutex mutex;
  std::vector<std::function<void()>> posted;  // guarded by mutex
  std::vector<std::function<void()>> running;
  std::vector<std::function<void()>> deferred;

  TimerWheel<TimerLink, kWheelSlots> wheel;
  std::uint64_t fired_tick = 0;
};

Reactor::Reactor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reactor::~Reactor() = default;

Result<std::unique_ptr<Reactor>> Reactor::create(const Clock& clock) {
  auto state = std::make_unique<State>(clock);
  state->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (state->epoll_fd < 0) return errno_error("epoll_create1");
  state->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (state->wake_fd < 0) return errno_error("eventfd");
  epoll_event wake{};
  wake.events = EPOLLIN;
  wake.data.ptr = nullptr;
  if (epoll_ctl(state->epoll_fd, EPOLL_CTL_ADD, state->wake_fd, &wake) != 0) return errno_error("epoll_ctl");
  return std::unique_ptr<Reactor>(new Reactor(std::move(state)));
}

Result<void> Reactor::add(int fd, EventHandler& handler) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &handler;
  if (epoll_ctl(state_->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) return errno_error("epoll_ctl");
  return {};
}

void Reactor::remove(int fd, EventHandler& handler) {
  epoll_ctl(state_->epoll_fd, EPOLL_CTL_DEL, fd, nullptr);
  for (int i = state_->current; i < state_->fetched; ++i) {
    auto& event = state_->events[static_cast<std::size_t>(i)];
    if (event.data.ptr == &handler) event.data.ptr = nullptr;
  }
}

void Reactor::post(std::function<void()> task) {
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping.load(std::memory_order_acquire)) return;
  state_->posted.push_back(std::move(task));
  if (state_->posted.size() > 1) return;  // woken already
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(state_->wake_fd, &one, sizeof one);
}

void Reactor::defer(std::function<void()> task) { state_->deferred.push_back(std::move(task)); }

void Reactor::run() {
  State& state = *state_;
  sigset_t pipe;  // OpenSSL writes without MSG_NOSIGNAL; a peer that left must be an error, not a signal
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  state.read_clock();
  while (!state.stopping.load(std::memory_order_acquire)) {
    const int count = epoll_wait(state.epoll_fd, state.events.data(), kEventsPerTurn, state.wait_ms());
    if (count < 0) CHECK(errno == EINTR);
    state.read_clock();
    state.dispatch(std::max(count, 0));
    if (state.woken) state.run_posted();
    state.fire_due();
    state.run_deferred();
  }
  state.run_posted();
  state.run_deferred();
}

void Reactor::stop() {
  const std::lock_guard lock(state_->mutex);
  state_->stopping.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(state_->wake_fd, &one, sizeof one);
}

MonoTime Reactor::now() const { return state_->now; }
WallTime Reactor::wall() const { return state_->wall; }
const Clock& Reactor::clock() const { return state_->clock; }

Timer::Timer(Reactor& reactor, std::function<void()> on_expiry) : reactor_(reactor), on_expiry_(std::move(on_expiry)) {}
Timer::~Timer() {
  if (next != nullptr) TimerWheel<TimerLink, kWheelSlots>::remove(*this);
}

void Timer::arm(Duration after) {
  Reactor::State& state = *reactor_.state_;
  const auto due = state.now + std::chrono::duration_cast<MonoTime::duration>(std::max(after, Duration::zero()));
  due_tick_ = std::max(state.tick_of(due), state.fired_tick) + 1;
  if (next != nullptr) {
    if (slot_tick_ <= due_tick_) return;  // it is looked at there, and moved on
    TimerWheel<TimerLink, kWheelSlots>::remove(*this);
  }
  state.wheel.insert(*this, slot_tick_ = due_tick_);
}

void Timer::cancel() { due_tick_ = kNever; }

}  // namespace bulwark::net
