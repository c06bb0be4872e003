// What an event costs: to publish, to store as an indexed row, to store as part of a batch, all together; how many bytes it
// takes, and how long questions over a million events take. Prints `figure` lines; see docs/benchmarks/events.md.
#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "events/bus.h"
#include "events/codec.h"
#include "events/embedded_store.h"
#include "events/samples.h"

namespace {

using namespace bulwark;
using namespace bulwark::events;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kMillion = 1'000'000;
constexpr std::size_t kPool = 20'000;  ///< distinct events; their ids and times are made anew each time
constexpr WallTime kStart = 1'700'000'000LL * 1'000'000'000;
constexpr WallTime kStep = 43'200'000;  ///< a million events over twelve hours

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void figure(const std::string& name, double value, const std::string& unit, double bar, bool at_least) {
  const bool met = at_least ? value >= bar : value <= bar;
  fmt::print("figure {} {:.2f} {} goal {}{} {}\n", name, value, unit, at_least ? ">=" : "<=", bar, met ? "met" : "short");
}

class Folder {
 public:
  Folder() {
    const char* base = std::getenv("BENCH_DIR");
    std::string name = (base != nullptr ? std::string(base) : std::filesystem::temp_directory_path().string()) + "/events_bench.XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return (path_ / name).string(); }
  double bytes(const char* prefix) const {
    double sum = 0;
    for (const auto& each : std::filesystem::directory_iterator(path_))
      if (each.path().filename().string() == prefix) sum += static_cast<double>(each.file_size());
    return sum;
  }

 private:
  std::filesystem::path path_;
};

/// Events with realistic texts; `next` gives each one its own ids and time.
class Source {
 public:
  explicit Source(unsigned attacks_in_ten) {
    for (std::size_t i = 0; i < kPool; ++i)
      pool_.push_back(samples_.random()() % 10 < attacks_in_ten ? samples_.attack(0) : samples_.access(0));
  }
  const Event& next() {
    Event& event = pool_[count_ % kPool];
    event.time = kStart + static_cast<WallTime>(count_++) * kStep;
    event.trace = TraceId::random();
    event.span = SpanId::random();
    return event;
  }
  const Event& any(std::size_t i) const { return pool_[i % kPool]; }

 private:
  Samples samples_;
  std::vector<Event> pool_;
  std::size_t count_ = 0;
};

std::unique_ptr<Store> open_store(const Folder& folder) {
  EmbeddedStoreOptions options;
  options.path = folder / "events.db";
  options.key = crypto::MasterKey::from_secret(std::string(32, 'k')).value().derive("events.db");
  options.retention = std::chrono::hours(24 * 365 * 100);
  return open_embedded_store(options).value();
}

/// CPU seconds of this thread for `count` events in batches as the bus makes them under load.
double store_events(Store& store, Source& source, std::size_t count) {
  constexpr std::size_t kBatch = 4096;
  std::vector<Event> batch;
  double cpu = 0;
  for (std::size_t done = 0; done < count; done += batch.size()) {
    batch.clear();
    while (batch.size() < kBatch && done + batch.size() < count) batch.push_back(source.next());
    const double before = seconds(CLOCK_THREAD_CPUTIME_ID);
    const auto stored = store.append(batch, {});
    cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - before;
    if (!stored) {
      fmt::print(stderr, "{}\n", stored.error().message);
      std::exit(1);
    }
  }
  return cpu;
}

/// The 95th percentile of the times that a question takes, each time asked for something else.
double p95_ms(int times, const std::function<void(int)>& ask) {
  ask(0);
  std::vector<double> took;
  for (int i = 1; i <= times; ++i) {
    const auto before = Steady::now();
    ask(i);
    took.push_back(std::chrono::duration<double, std::milli>(Steady::now() - before).count());
  }
  std::sort(took.begin(), took.end());
  return took[took.size() * 95 / 100];
}

void check(bool fine) {
  if (!fine) {
    fmt::print(stderr, "a query failed or found nothing\n");
    std::exit(1);
  }
}

void questions(Store& store, const Source& source, const std::string& suffix) {
  figure("latest_100" + suffix, p95_ms(200, [&](int) { check(store.query({.limit = 100}).value().size() == 100); }), "ms", 5, false);
  figure("by_source" + suffix,
         p95_ms(200,
                [&](int i) {
                  check(!store.query({.source = source.any(static_cast<std::size_t>(i) * 397).source, .limit = 100}).value().empty());
                }),
         "ms", 5, false);
  figure("rule_by_minute" + suffix, p95_ms(20, [&](int) { check(store.minutes(0, INT64_MAX, "").value().size() > 700); }), "ms", 100,
         false);
  figure("by_trace" + suffix,
         p95_ms(200,
                [&](int i) {
                  check(store.query({.trace = source.any(static_cast<std::size_t>(i) * 397).trace, .limit = 10}).value().size() == 1);
                }),
         "ms", 20, false);
}

void rows() {
  Folder folder;
  const auto store = open_store(folder);
  Source source(10);
  const double cpu = store_events(*store, source, kMillion);
  figure("indexed_rows_per_cpu_second", static_cast<double>(kMillion) / cpu, "events/s", 40'000, true);
  questions(*store, source, "_of_1M_rows");
  figure("bytes_a_row", folder.bytes("events.db") / static_cast<double>(kMillion), "B", 300, false);
}

void mixed() {
  Folder folder;
  const auto store = open_store(folder);
  Source source(1);
  const double cpu = store_events(*store, source, kMillion);
  figure("mixed_per_cpu_second", static_cast<double>(kMillion) / cpu, "events/s", 40'000, true);
  questions(*store, source, "_of_1M_mixed");
  figure("bytes_a_mixed_event", folder.bytes("events.db") / static_cast<double>(kMillion), "B", 120, false);
}

void access_events() {
  Folder folder;
  const auto store = open_store(folder);
  Source source(0);
  const double cpu = store_events(*store, source, 400'000);
  figure("batched_access_event_store_cpu", cpu / 400'000 * 1e6, "us", 1.5, false);
  const auto before = folder.bytes("events.db");
  (void)before;
}

/// Publishing, handing on and storing together, as the gateway has it.
void whole_bus() {
  constexpr std::size_t kEvents = 500'000;
  constexpr std::size_t kBurst = 500;
  Folder folder;
  const auto store = open_store(folder);
  const auto bus = Bus::create({.directory = folder / "spool"}, store.get()).value();
  struct Count final : Subscriber {
    void on_event(const Event&) override { ++seen; }
    std::size_t seen = 0;
  } count;
  bus->subscribe(count);
  Publisher* publisher = bus->add_publisher("bench").value();
  check(bus->start().ok());
  Source source(0);
  std::vector<Event> burst;
  double publishing = 0;
  double making = 0;
  const double process = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (std::size_t done = 0; done < kEvents; done += kBurst) {
    burst.clear();
    const double start = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (std::size_t i = 0; i < kBurst; ++i) burst.push_back(source.next());
    const double before = seconds(CLOCK_THREAD_CPUTIME_ID);
    for (const Event& event : burst) check(publisher->publish(event));
    const double after = seconds(CLOCK_THREAD_CPUTIME_ID);
    making += before - start;
    publishing += after - before;
    // Some 25,000 events a second: what one core of the gateway answers.
    const timespec pause{0, 20'000'000 - static_cast<long>((after - start) * 1e9)};
    if (pause.tv_nsec > 0) nanosleep(&pause, nullptr);
  }
  bus->flush();
  const double all = seconds(CLOCK_PROCESS_CPUTIME_ID) - process - making;
  check(count.seen == kEvents && store->count().value() == kEvents);
  figure("publish_access_event", publishing / kEvents * 1e6, "us", 0.5, false);
  figure("access_event_all_inclusive_cpu", all / kEvents * 1e6, "us", 2.0, false);
  bus->stop();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string only = argc > 1 ? argv[1] : "";
  if (only.empty() || only == "bus") whole_bus();
  if (only.empty() || only == "access") access_events();
  if (only.empty() || only == "mixed") mixed();
  if (only.empty() || only == "rows") rows();
  return 0;
}
