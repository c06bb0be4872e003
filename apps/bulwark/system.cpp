// Start-up is a list of steps, each needing only those above it; shutting down is the same list from its end.
#include "bulwark/system.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <vector>

#include "audit/log.h"
#include "base/log.h"
#include "bulwark/data_directory.h"
#include "bulwark/metrics_page.h"
#include "bulwark/query_path.h"
#include "bulwark/snapshot.h"
#include "bulwark/soc_lists.h"
#include "bulwark/workers.h"
#include "console/account_database.h"
#include "console/console.h"
#include "database/gateway.h"
#include "events/embedded_store.h"
#include "noc/runner.h"
#include "soc/admin_socket.h"
#include "soc/center.h"
#include "soc/control_journal.h"
#include "wire/json/writer.h"

namespace bulwark::app {
namespace {

constexpr std::chrono::seconds kDrainGrace{10};

/// An event about the process itself.
void tell(events::Publisher& publisher, std::uint8_t activity, events::Severity severity, std::string_view rule, std::string_view message,
          events::Plane plane = events::Plane::process, std::string_view detail = {}) {
  events::Event event;
  event.time = system_clock().wall();
  event.event_class = events::Class::application_lifecycle;
  event.activity = activity;
  event.severity = severity;
  event.plane = plane;
  const bool fine = severity == events::Severity::informational || (plane == events::Plane::chat && severity < events::Severity::high);
  event.disposition = fine ? events::Disposition::logged : events::Disposition::error;
  event.rule = rule;
  event.message = message;
  event.detail = detail;
  publisher.publish(event);
}

// OCSF application_lifecycle activity_id.
constexpr std::uint8_t kStarted = 3;
constexpr std::uint8_t kStopped = 4;
constexpr std::uint8_t kReloaded = 5;
constexpr std::uint8_t kAnchored = 99;
constexpr std::uint8_t kDecided = 99;

constexpr std::chrono::minutes kAnchorEvery{1};

/// What a reload leaves as it is, in words; empty if it took over everything.
std::string needs_restart(const config::Node& before, const config::Node& after, const Settings& old, const Settings& fresh) {
  std::string words;
  const auto name = [&](bool differs, std::string_view key) {
    if (differs) words.append(words.empty() ? "needs a restart: " : ", ").append(key);
  };
  const auto differs = [](const config::Node* was, const config::Node* is) {
    return (was == nullptr) != (is == nullptr) || (was != nullptr && !(*was == *is));
  };
  for (const std::string_view key :
       {"data_dir", "workers", "master_key", "listen", "plaintext", "max_connections", "soc", "noc", "events", "console"})
    name(differs(before.find(key), after.find(key)), key);
  const config::Node* const was = before.find("chat");
  const config::Node* const is = after.find("chat");
  for (const std::string_view key : {"pseudonym_key", "conversations", "budgets", "prices", "drift"})
    name(differs(was == nullptr ? nullptr : was->find(key), is == nullptr ? nullptr : is->find(key)), "chat." + std::string(key));
  name(fresh.database.has_value() != old.database.has_value(), "database");
  name(fresh.database && old.database && fresh.database->listen != old.database->listen, "database.listen");
  return words;
}

}  // namespace

/// In the order in which they are made; destroyed from the end.
struct System::Parts {
  std::string config_file;
  config::Node file;  // as last taken over
  Settings settings;
  std::optional<DataDirectory> data;
  crypto::MasterKey master;
  std::unique_ptr<events::Store> store;
  std::unique_ptr<events::Bus> bus;
  events::Publisher* process_events = nullptr;
  events::Publisher* chat_events = nullptr;  // about the guard and by people, on many threads
  mutable std::mutex telling;                // for chat_events
  std::unique_ptr<control::Table> control;
  std::unique_ptr<trace::InFlight> in_flight;
  std::unique_ptr<soc::Center> center;
  Lasting lasting;
  std::unique_ptr<Workers> workers;
  std::unique_ptr<Workers> console_worker;  // apart, so that no flood at the edge keeps people out
  std::unique_ptr<gateway::Server> edge;
  std::unique_ptr<audit::Log> audit;
  std::unique_ptr<database::Gateway> database;
  std::shared_ptr<console::Console> console;
  std::unique_ptr<gateway::Server> console_server;
  std::unique_ptr<noc::Runner> probes;
  std::unique_ptr<soc::Admin> admin;
  std::unique_ptr<soc::AdminSocket> admin_socket;
  Addresses addresses;
  std::optional<std::string> setup_code;
  std::mutex reloading;
  mutable std::mutex guard_mutex;  // for lasting.chat: status is asked while a reload swaps it
  bool stopped = false;

  storage::OpenOptions encrypted(std::string_view name) const { return {.path = data->file(name), .key = master.derive(name)}; }

  Result<void> open_storage();
  Result<void> start_watch();
  Result<void> start_edge();
  Result<void> open_audit_log();
  Result<void> start_database();
  Result<void> start_probes();
  Result<void> start_console();
  std::shared_ptr<MetricsPage> make_metrics_page() const;
  Result<void> open_admin_socket();
  Result<std::string> reload();
  Result<std::string> read_and_take_over();
  Result<std::string> take_over(Settings fresh, config::Node fresh_file);
  std::string status() const;
  void tell_of_chat(events::Severity severity, std::string_view rule, std::string_view message, std::string_view detail = {}) const;
  std::shared_ptr<const chat::Guard> guard() const;
  void put_in_force(std::shared_ptr<const gateway::Snapshot> snapshot, Lasting next);
  Result<void> roll_back(bool undo, std::string_view by);
  Result<void> accept_drift(std::string_view by) const;
  std::string chat_status() const;
  Result<void> decide(std::string_view id, bool confirmed, std::string_view by) const;
  std::optional<Result<std::string>> ask_chat(std::string_view command, const json::Value& question, std::string_view by);
};

Result<void> System::Parts::open_storage() {
  data.emplace(TRY(DataDirectory::open(settings.data_dir)));
  master = TRY(data->master_key(settings.master_key.value));
  store = TRY(events::open_embedded_store({.path = data->file("events.db"),
                                           .key = master.derive("events.db"),
                                           .retention = settings.events.retention,
                                           .max_bytes = settings.events.max_size.bytes}));
  bus = TRY(events::Bus::create({.directory = data->file("spool"), .max_spool_bytes = settings.events.max_spool.bytes}, store.get()));
  process_events = TRY(bus->add_publisher("process"));
  return {};
}

Result<void> System::Parts::start_watch() {
  auto journal = TRY(soc::open_control_journal(encrypted("control.db")));
  control = TRY(control::Table::create(std::move(journal)));
  in_flight = std::make_unique<trace::InFlight>();
  events::Publisher* const publisher = TRY(bus->add_publisher("soc"));
  center = TRY(soc::Center::create({.settings = settings.soc,
                                    .ledger = encrypted("soc.db"),
                                    .table = control.get(),
                                    .publisher = publisher,
                                    .detectors = make_detectors(settings.soc),
                                    .actions = make_actions(*control)}));
  bus->subscribe(*center);
  return {};
}

Result<void> System::Parts::start_edge() {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  workers = TRY(Workers::create(settings.workers == 0 ? cores : static_cast<std::size_t>(settings.workers)));
  lasting.control = control.get();
  lasting.outbound = TRY(net::HttpClient::create());
  if (settings.chat.pseudonym_key.value.empty()) {
    const crypto::Key key = master.derive("chat.pseudonyms");
    settings.chat.pseudonym_key.value.assign(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
  }
  chat_events = TRY(bus->add_publisher("chat"));
  lasting.chat_needs = {encrypted("chat.db"), encrypted(kConversationsFile), encrypted("models.db"),
                        [this](const chat::Notice& notice) { tell_of_chat(notice.severity, notice.rule, notice.message, notice.detail); }};
  auto snapshot = TRY(make_snapshot(settings, *data, lasting));
  const gateway::ListenerConfig listener{.at = settings.gateway.listen,
                                         .tls = snapshot->tls,
                                         .access_events = settings.gateway.access_events,
                                         .max_connections_per_worker = static_cast<std::size_t>(settings.gateway.max_connections),
                                         .trusted_proxies = settings.gateway.trusted_proxies};
  edge = TRY(gateway::Server::create(
      listener, std::move(snapshot), workers->reactors(),
      {.bus = bus.get(), .in_flight = in_flight.get(), .keep_inputs = settings.database.has_value(), .control = control.get()}));
  addresses.edge = edge->bound();
  return lasting.chat ? lasting.chat->settle() : Result<void>();
}

/// What is on record is signed with a key derived from the master key. Checkpoints are kept as events too, once a minute.
Result<void> System::Parts::open_audit_log() {
  const auto& wanted = settings.database->audit;
  if (wanted.durable == database::AuditDurable::off) return {};
  audit = TRY(audit::Log::open(
      {.directory = data->file("audit"), .origin = wanted.origin, .witness_file = wanted.witness_file, .max_bytes = wanted.max_size.bytes},
      crypto::SigningKey::from_seed(master.derive("audit.signing"))));
  if (const auto& found = audit->recovery(); found.cut_bytes > 0)
    tell(*process_events, kStarted, events::Severity::low, "audit.recovered",
         "the audit log ended in a record half written, as a kill leaves it: " + std::to_string(found.cut_bytes) + " bytes after record " +
             std::to_string(found.records) + " were put aside");
  events::Publisher* const publisher = TRY(bus->add_publisher("audit"));
  audit->on_checkpoint([publisher, last = WallTime{0}](std::string_view note) mutable {
    const WallTime now = system_clock().wall();
    if (now - last < Duration(kAnchorEvery).count()) return;
    last = now;
    tell(*publisher, kAnchored, events::Severity::informational, "audit.checkpoint", note);
  });
  return {};
}

Result<void> System::Parts::start_database() {
  if (!settings.database) return {};
  TRY(open_audit_log());
  auto completed = TRY(database_settings(settings, *data));
  auto guards = TRY(query_path(settings.database->guards));
  database = TRY(database::Gateway::create(std::move(completed), std::move(guards), workers->reactors(),
                                           {.bus = bus.get(),
                                            .in_flight = in_flight.get(),
                                            .control = control.get(),
                                            .audit = audit.get(),
                                            .secret = master.derive("database.values")}));
  if (audit) audit->start();
  addresses.database = database->bound();
  return {};
}

Result<void> System::Parts::start_probes() {
  events::Publisher* const publisher = TRY(bus->add_publisher("noc"));
  probes = std::make_unique<noc::Runner>(make_probes(settings.noc, *lasting.outbound), *publisher);
  return {};
}

Result<void> System::Parts::start_console() {
  if (!settings.console.enabled) return {};
  console_worker = TRY(Workers::create(1));
  console::Dependencies needs;
  needs.accounts = TRY(console::open_accounts(encrypted("accounts.db")));
  needs.store = store.get();
  needs.bus = bus.get();
  needs.desk = center.get();
  needs.chat.status = [this] { return chat_status(); };
  needs.chat.turns = [this](std::string_view person) -> Result<std::string> {
    const auto chat = guard();
    return chat ? chat->turns(person) : Result<std::string>(client_error(Code::not_found, "no chat route is configured"));
  };
  needs.chat.roll_back = [this](bool undo, std::string_view by) { return roll_back(undo, by); };
  needs.chat.accept_drift = [this](std::string_view by) { return accept_drift(by); };
  needs.chat.decide = [this](std::string_view id, bool confirmed, std::string_view by) { return decide(id, confirmed, by); };
  needs.counters = [this] { return edge->counters(); };
  needs.data_directory = data->path();
  console = TRY(console::Console::create(settings.console, std::move(needs)));
  bus->subscribe(console->live());
  setup_code = TRY(console->first_run());
  auto pages = std::make_shared<gateway::Route>();
  pages->id = "console";
  pages->handler = console;
  auto numbers = std::make_shared<gateway::Route>();
  numbers->id = "metrics";
  numbers->path_prefix = "/metrics";
  numbers->handler = make_metrics_page();
  auto snapshot = std::make_shared<gateway::Snapshot>();
  snapshot->routes = gateway::RouteTable({pages, numbers});
  const net::CertificateFiles certificate = TRY(console::certificate(settings.console, data->path()));
  snapshot->tls = TRY(net::TlsServer::create({.certificates = {certificate}}));
  console_server =
      TRY(gateway::Server::create({.at = settings.console.listen, .tls = snapshot->tls, .name = "console", .access_events = false},
                                  snapshot, console_worker->reactors(), {.bus = bus.get()}));
  addresses.console = console_server->bound();
  return {};
}

std::shared_ptr<MetricsPage> System::Parts::make_metrics_page() const {
  auto page = std::make_shared<MetricsPage>();
  const auto edge_number = [&](std::string_view name, std::string_view help, std::uint64_t gateway::Counters::*member) {
    page->metrics().gauge(name, help, {}, [this, member] { return static_cast<double>(edge->counters().*member); });
  };
  edge_number("bulwark_requests", "Requests that the edge answered since the start.", &gateway::Counters::requests);
  edge_number("bulwark_requests_denied", "Of these, refused by a check.", &gateway::Counters::denied);
  edge_number("bulwark_upstream_errors", "Of these, failed at the app.", &gateway::Counters::upstream_errors);
  edge_number("bulwark_open_connections", "Client connections open now.", &gateway::Counters::open_connections);
  page->metrics().gauge("bulwark_entries_in_force", "Blocks and other orders in force now.", {},
                        [this] { return static_cast<double>(control->snapshot()->entries().size()); });
  if (database)
    page->metrics().gauge("bulwark_database_sessions", "Database sessions open now.", {},
                          [this] { return static_cast<double>(database->counters().open_sessions); });
  return page;
}

Result<void> System::Parts::open_admin_socket() {
  admin = std::make_unique<soc::Admin>(soc::AdminParts{.desk = center.get(),
                                                       .store = store.get(),
                                                       .bus = bus.get(),
                                                       .status = [this] { return status(); },
                                                       .reload = [this] { return reload(); },
                                                       .planes = [this](std::string_view command, const json::Value& question,
                                                                        std::string_view by) { return ask_chat(command, question, by); }});
  admin_socket = TRY(soc::AdminSocket::open(admin_socket_file(settings), *admin));
  return {};
}

Result<std::string> System::Parts::reload() {
  const std::lock_guard lock(reloading);
  auto done = read_and_take_over();
  if (done.ok())
    tell(*process_events, kReloaded, events::Severity::informational, "process.reload", "the configuration was reloaded");
  else
    tell(*process_events, kReloaded, events::Severity::high, "process.reload_refused", done.error().message);
  return done;
}

Result<std::string> System::Parts::read_and_take_over() {
  config::Node fresh_file = TRY(config::Node::load(config_file));
  Settings fresh = TRY(read_settings(fresh_file, config_file));
  return take_over(std::move(fresh), std::move(fresh_file));
}

Result<std::string> System::Parts::take_over(Settings fresh, config::Node fresh_file) {
  const std::string unchanged = needs_restart(file, fresh_file, settings, fresh);
  fresh.data_dir = settings.data_dir;
  fresh.gateway.plaintext = settings.gateway.plaintext;
  fresh.chat.pseudonym_key = settings.chat.pseudonym_key;
  Lasting next = lasting;
  auto snapshot = TRY(make_snapshot(fresh, *data, next));
  if (database && fresh.database) {
    auto completed = TRY(database_settings(fresh, *data));
    auto guards = TRY(query_path(fresh.database->guards));
    TRY(database->reload(std::move(completed), std::move(guards)));
  }
  if (next.chat)
    if (const auto settled = next.chat->settle(); !settled.ok())
      tell_of_chat(events::Severity::high, "chat.model.not_on_record",
                   "the models in force could not be written down, so that nothing can be put back: " + to_string(settled.error()));
  put_in_force(std::move(snapshot), std::move(next));
  settings = std::move(fresh);
  if (unchanged.empty()) file = std::move(fresh_file);  // else the next reload says it again
  return unchanged;
}

void System::Parts::put_in_force(std::shared_ptr<const gateway::Snapshot> snapshot, Lasting next) {
  edge->reload(std::move(snapshot));
  const std::lock_guard lock(guard_mutex);
  lasting = std::move(next);
}

void System::Parts::tell_of_chat(events::Severity severity, std::string_view rule, std::string_view message,
                                 std::string_view detail) const {
  const std::lock_guard lock(telling);
  tell(*chat_events, kDecided, severity, rule, message, events::Plane::chat, detail);
}

std::shared_ptr<const chat::Guard> System::Parts::guard() const {
  const std::lock_guard lock(guard_mutex);
  return lasting.chat;
}

/// On record before it is in force: what is acknowledged outlives a restart.
Result<void> System::Parts::roll_back(bool undo, std::string_view by) {
  const std::lock_guard lock(reloading);
  if (!lasting.chat) return client_error(Code::not_found, "no chat route is configured");
  Lasting next = lasting;
  next.chat = TRY(lasting.chat->rolled_back(by, undo));
  auto snapshot = TRY(assemble(settings, next));
  TRY(next.chat->settle());
  put_in_force(std::move(snapshot), std::move(next));
  return {};
}

Result<void> System::Parts::accept_drift(std::string_view by) const {
  const auto chat = guard();
  if (!chat) return client_error(Code::not_found, "no chat route is configured");
  TRY(chat->accept_drift());
  tell_of_chat(events::Severity::informational, "chat.drift.accepted", std::string(by) + " took the scores from now on for what is usual");
  return {};
}

/// What a person decides about a tool call is on record with their name.
Result<void> System::Parts::decide(std::string_view id, bool confirmed, std::string_view by) const {
  const auto chat = guard();
  if (!chat) return client_error(Code::not_found, "no chat route is configured");
  TRY(chat->decide(id, confirmed));
  std::string message(by);
  message.append(confirmed ? " confirmed" : " refused").append(" the tool call ").append(id);
  tell_of_chat(events::Severity::informational, confirmed ? "chat.tool.confirmed" : "chat.tool.refused", message);
  return {};
}

std::string System::Parts::chat_status() const {
  const auto chat = guard();
  if (!chat) return {};
  std::string text;
  json::Writer writer(text);
  chat->write_status(writer);
  return text;
}

std::optional<Result<std::string>> System::Parts::ask_chat(std::string_view command, const json::Value& question, std::string_view by) {
  const auto done = [](const Result<void>& result) {
    return result.ok() ? Result<std::string>("{}") : Result<std::string>(result.error());
  };
  if (command == "chat_rollback") {
    const auto undo = question.find("undo");
    return done(roll_back(undo && undo->boolean(), by));
  }
  if (command == "chat_accept_drift") return done(accept_drift(by));
  if (command != "chat_decide") return std::nullopt;
  const auto confirmed = question.find("confirmed");
  return done(decide(question.text("id"), confirmed && confirmed->boolean(), by));
}

std::string System::Parts::status() const {
  const gateway::Counters counted = edge->counters();
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  writer.key("edge")
      .begin_object()
      .field("address", addresses.edge.text())
      .field("requests", counted.requests)
      .field("denied", counted.denied);
  writer.field("upstream_errors", counted.upstream_errors).field("open_connections", counted.open_connections).end_object();
  if (database) {
    const database::Counters sessions = database->counters();
    writer.key("database").begin_object().field("address", addresses.database->text()).field("sessions", sessions.sessions);
    writer.field("open_sessions", sessions.open_sessions).field("logins_refused", sessions.logins_refused).end_object();
  }
  if (const auto chat = guard()) {
    writer.key("chat");
    chat->write_status(writer);
  }
  if (addresses.console) writer.key("console").begin_object().field("address", addresses.console->text()).end_object();
  writer.key("probes").begin_array();
  for (const auto& probe : probes->status()) {
    writer.begin_object().field("name", probe.name).field("health", noc::to_string(probe.health)).field("message", probe.message);
    writer.field("latency_us", static_cast<std::int64_t>(probe.latency.count())).end_object();
  }
  writer.end_array();
  writer.field("entries_in_force", static_cast<std::uint64_t>(control->snapshot()->entries().size())).end_object();
  return text;
}

Result<std::unique_ptr<System>> System::start(const std::string& config_file) {
  auto made = std::make_unique<Parts>();
  Parts& parts = *made;
  std::unique_ptr<System> system(new System(std::move(made)));  // from here on a failure stops what was started
  parts.config_file = config_file;
  parts.file = TRY(config::Node::load(config_file));
  parts.settings = TRY(read_settings(parts.file, config_file));
  TRY(parts.open_storage());
  TRY(parts.start_watch());
  TRY(parts.start_edge());
  TRY(parts.start_database());
  TRY(parts.start_probes());
  TRY(parts.start_console());
  TRY(parts.bus->start());
  parts.center->start();
  TRY(parts.open_admin_socket());
  parts.workers->run();
  if (parts.console_worker) parts.console_worker->run();
  parts.probes->start();
  tell(*parts.process_events, kStarted, events::Severity::informational, "process.start", "Bulwark serves");
  log::info("serving {}", parts.addresses.edge.text());
  return system;
}

System::System(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
System::~System() { stop(); }

Result<std::string> System::reload() { return parts_->reload(); }

void System::stop() {
  Parts& parts = *parts_;
  if (std::exchange(parts.stopped, true)) return;
  parts.admin_socket.reset();
  if (parts.probes) parts.probes->stop();
  if (parts.edge) parts.edge->drain(kDrainGrace);
  if (parts.database) parts.database->drain(kDrainGrace);
  if (parts.console_server) parts.console_server->drain(std::chrono::seconds(1));
  if (parts.workers) parts.workers->stop();
  if (parts.console_worker) parts.console_worker->stop();
  if (parts.audit) parts.audit->stop();
  if (parts.process_events != nullptr)
    tell(*parts.process_events, kStopped, events::Severity::informational, "process.stop", "Bulwark was stopped");
  if (parts.bus) parts.bus->stop();
  if (parts.center) parts.center->stop();
}

const Addresses& System::addresses() const { return parts_->addresses; }
const std::optional<std::string>& System::setup_code() const { return parts_->setup_code; }

}  // namespace bulwark::app
