// The database gateway as a program of its own, for integration tests and `make bench-db`: reads the `database` section from a file,
// prints where it listens and every event as a JSON line, keeps an audit log as the section says (beside the spool), and takes orders
// from stdin as JSON lines:
//   {"enter":"<trace id>","inputs":{"q":"…"},"tenant":"…"}  {"leave":"<trace id>"}  {"block_ip":"…"}  {"block_role":"…"}  {"undo":true}
//   {"reload":true}
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <thread>

#include "audit/log.h"
#include "base/log.h"
#include "bulwark/query_path.h"
#include "config/schema.h"
#include "control/table.h"
#include "database/gateway.h"
#include "events/bus.h"
#include "net/reactor.h"
#include "trace/in_flight.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

using namespace bulwark;

namespace {

void print(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::fwrite((line + "\n").data(), 1, line.size() + 1, stdout);
  std::fflush(stdout);
}

class Printer final : public events::Subscriber {
 public:
  void on_event(const events::Event& event) override {
    std::string line;
    json::Writer(line)
        .begin_object()
        .field("class", static_cast<int>(event.event_class))
        .field("user", event.user)
        .field("database", event.route)
        .field("rule", event.rule)
        .field("target", event.target)
        .field("message", event.message)
        .field("disposition", events::to_string(event.disposition))
        .field("rows", event.rows)
        .field("duration_us", event.duration_us)
        .field("trace", event.trace.empty() ? std::string() : event.trace.hex())
        .key("detail")
        .raw(event.detail)
        .end_object();
    print(line);
  }
};

template <class T>
T or_exit(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::cerr << to_string(result.error()) << "\n";
  std::exit(1);
}

database::Settings load(const std::string& file) {
  const config::Node node = or_exit(config::Node::load(file));
  database::Settings settings;
  config::Problems problems;
  if (!config::description<database::Settings>().read(node, settings, problems)) {
    std::cerr << problems.text(file) << "\n";
    std::exit(1);
  }
  return settings;
}

/// nullptr: the section keeps none.
std::unique_ptr<audit::Log> open_audit_log(const database::AuditSettings& wanted, const std::string& directory) {
  if (wanted.durable == database::AuditDurable::off) return nullptr;
  std::filesystem::create_directories(directory);
  return or_exit(audit::Log::open({.directory = directory, .max_bytes = wanted.max_size.bytes}, crypto::SigningKey::from_seed({})));
}

class Orders {
 public:
  Orders(trace::InFlight& in_flight, control::Table& control, database::Gateway& gateway, std::string file)
      : in_flight_(in_flight), control_(control), gateway_(gateway), file_(std::move(file)) {}

  void run() {
    for (std::string line; std::getline(std::cin, line);) {
      auto document = json::Document::parse(line);
      if (document.ok()) obey(document->root());
      print(R"({"done":true})");
    }
  }

 private:
  static std::string text(json::Value object, std::string_view key) { return std::string(object.text(key)); }
  void obey(json::Value order) {
    if (const auto id = TraceId::from_hex(text(order, "enter"))) enter(*id, order);
    if (const auto id = TraceId::from_hex(text(order, "leave"))) leases_.erase(id->hex());
    if (const auto ip = text(order, "block_ip"); !ip.empty()) block(control::Subject::ip, ip);
    if (const auto role = text(order, "block_role"); !role.empty()) block(control::Subject::database_role, role);
    if (order.find("undo")) (void)control_.undo(last_);
    if (order.find("reload")) {
      auto settings = load(file_);
      auto guards = or_exit(app::query_path(settings.guards));
      (void)gateway_.reload(std::move(settings), std::move(guards));
    }
  }
  void enter(const TraceId& id, json::Value order) {
    auto context = std::make_shared<trace::Context>();
    context->trace = id;
    context->target = "GET /test";
    context->principal.tenant = text(order, "tenant");
    if (const auto inputs = order.find("inputs"))
      for (const auto member : *inputs)
        context->inputs.push_back({trace::Input::Where::query, std::string(member.name()), std::string(member.string())});
    leases_[id.hex()] = in_flight_.enter(std::move(context));
  }
  void block(control::Subject subject, const std::string& value) {
    control::Entry entry;
    entry.subject = subject;
    entry.value = value;
    entry.expires = system_clock().wall() + 3'600'000'000'000;
    auto added = control_.add(std::move(entry));
    if (added.ok()) last_ = added->id;
  }

  trace::InFlight& in_flight_;
  control::Table& control_;
  database::Gateway& gateway_;
  std::string file_;
  control::EntryId last_;
  std::map<std::string, trace::InFlight::Lease> leases_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "usage: database_gateway SETTINGS.yaml SPOOL_FOLDER [WORKERS] [quiet]\n", 2;
  std::signal(SIGPIPE, SIG_IGN);
  const std::size_t workers = argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 2;
  database::Settings settings = load(argv[1]);
  auto bus = or_exit(events::Bus::create({.directory = argv[2]}, nullptr));
  Printer printer;
  if (argc <= 4) bus->subscribe(printer);
  trace::InFlight in_flight(16, std::chrono::milliseconds(0));
  auto control = or_exit(control::Table::create(nullptr));
  std::vector<std::unique_ptr<net::Reactor>> reactors;
  std::vector<net::Reactor*> views;
  for (std::size_t i = 0; i < workers; ++i) {
    reactors.push_back(or_exit(net::Reactor::create()));
    views.push_back(reactors.back().get());
  }
  auto guards = or_exit(app::query_path(settings.guards));
  const auto audit_log = open_audit_log(settings.audit, std::string(argv[2]) + ".audit");
  const database::Dependencies needs{.bus = bus.get(), .in_flight = &in_flight, .control = control.get(), .audit = audit_log.get()};
  auto gateway = or_exit(database::Gateway::create(std::move(settings), std::move(guards), views, needs));
  if (audit_log) audit_log->start();
  if (auto started = bus->start(); !started.ok()) return std::cerr << to_string(started.error()) << "\n", 1;
  std::vector<std::thread> threads;
  for (auto* each : views) threads.emplace_back([each] { each->run(); });
  print("{\"listening\":" + std::to_string(gateway->bound().port) + "}");
  Orders(in_flight, *control, *gateway, argv[1]).run();  // until stdin closes
  for (auto* each : views) each->stop();
  for (auto& thread : threads) thread.join();
  if (audit_log) audit_log->stop();
  bus->stop();
  return 0;
}
