// What the audit log costs a statement, in CPU time of the whole process: sessions on one reactor each write a statement's record and go on
// when it is durable, so that hashing, the group's write and sync, signing and both wake-ups are in the figure.
// SESSIONS=8 RECORDS=100000 BENCH_DIR=/tmp.
#include <fmt/core.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "audit/verify.h"
#include "database/audit/trail.h"

namespace {

using namespace bulwark;

std::uint64_t number_from(const char* name, std::uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

template <class T>
T or_exit(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  fmt::print(stderr, "{}\n", to_string(result.error()));
  std::exit(1);
}

/// pgbench's own statement, as the examiner leaves it.
database::StatementRecord some_statement() {
  database::StatementRecord record;
  record.shape = "select abalance from pgbench_accounts where aid = ?";
  record.command = database::Command::select;
  record.trace = TraceId::random();
  return record;
}

struct Load {
  database::AuditTrail& trail;
  net::Reactor& reactor;
  database::AuditSettings settings;
  std::uint64_t left;
  std::uint64_t running;
  database::StatementRecord record = some_statement();
  database::SessionInfo session{"app", "app", "pgbench", {}};
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);

  void next() {
    if (left == 0) {
      if (--running == 0) reactor.stop();
      return;
    }
    --left;
    const auto ticket =
        trail.write(database::AuditMoment::finished, settings, session, record, {.rows = 1, .bytes_in = 60, .bytes_out = 80});
    if (trail.durable(ticket))
      reactor.post([this] { next(); });
    else
      trail.wait(ticket, alive, [this](bool) { next(); });
  }
};

void measure(const std::string& name, database::AuditDurable durable, std::uint64_t sessions, std::uint64_t records) {
  const char* where = std::getenv("BENCH_DIR");
  std::string folder = std::string(where == nullptr ? "/tmp" : where) + "/audit_bench.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) std::exit(1);
  const auto key = crypto::SigningKey::from_seed(crypto::Key());
  {
    auto log = or_exit(audit::Log::open({.directory = folder}, key));
    auto reactor = or_exit(net::Reactor::create());
    database::AuditTrail trail(log.get(), *reactor, nullptr);
    log->start();
    Load load{trail, *reactor, {.durable = durable}, records, sessions};
    for (std::uint64_t i = 0; i < sessions; ++i) reactor->post([&] { load.next(); });
    const double before = cpu_seconds();
    const auto began = std::chrono::steady_clock::now();
    std::thread([&] { reactor->run(); }).join();
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    log->stop();
    const double us = (cpu_seconds() - before) * 1e6 / static_cast<double>(records);
    fmt::print("{}: {} records of {} sessions, {:.0f} a second\n", name, records, sessions, static_cast<double>(records) / wall);
    fmt::print("figure {} {:.2f} us goal <=10 {}\n", name, us, us <= 10 ? "met" : "short");
  }
  const auto report = or_exit(audit::verify(folder, audit::NoteVerifier::of("bulwark/audit", key), {}));
  if (!report.sound() || report.records != records) fmt::print("NOT SOUND\n");
  std::filesystem::remove_all(folder);
}

}  // namespace

int main() {
  const std::uint64_t sessions = number_from("SESSIONS", 8);
  const std::uint64_t records = number_from("RECORDS", 50'000);
  measure("audit_soon_cpu", database::AuditDurable::soon, sessions, records);
  measure("audit_before_result_cpu", database::AuditDurable::before_result, sessions, records);
  return 0;
}
