#include "console/console.h"

#include <unistd.h>

#include "base/log.h"
#include "console/assets.h"
#include "console/call.h"
#include "console/private_file.h"
#include "console/response_headers.h"
#include "console/router.h"
#include "console/services.h"
#include "console/work_lane.h"

namespace bulwark::console {
namespace {

constexpr std::string_view kSetUpCodeFile = "/console-setup-code";
constexpr std::size_t kMaxIncidentsCounted = 1'000;

void send(gateway::Responder& responder, Reply reply) {
  if (reply.streaming) return;
  reply.headers.emplace_back("content-type", "application/json");
  reply.headers.emplace_back("cache-control", "no-store");
  responder.respond(reply.status, secured(std::move(reply.headers)), std::move(reply.body));
}

LiveSources live_sources(const Dependencies& needs) {
  LiveSources sources{.gateway = needs.counters};
  if (needs.desk == nullptr) return sources;
  sources.entries_in_force = [desk = needs.desk] { return desk->entries().size(); };
  sources.open_incidents = [desk = needs.desk] {
    const auto open = desk->incidents(kMaxIncidentsCounted, true);
    return open.ok() ? open->size() : 0;
  };
  return sources;
}

}  // namespace

struct Console::State {
  State(const Settings& settings, Dependencies dependencies)
      : needs(std::move(dependencies)),
        sessions({settings.session_idle, settings.session_lifetime}, *needs.clock),
        sign_in(*needs.accounts, *needs.clock, needs.password_cost),
        enrolment(*needs.clock),
        live(live_sources(needs)),
        reads(kMaxWaitingReads),
        passwords(kMaxWaitingPasswords) {}

  std::string set_up_file() const { return needs.data_directory + std::string(kSetUpCodeFile); }

  Dependencies needs;
  Sessions sessions;
  SignIn sign_in;
  Enrolment enrolment;
  Live live;
  std::unique_ptr<Record> record;
  std::unique_ptr<Services> services;
  Router router;
  WorkLane reads;  // last: their threads end before anything that their tasks use
  WorkLane passwords;
};

Result<std::shared_ptr<Console>> Console::create(Settings settings, Dependencies dependencies) {
  if (!dependencies.accounts) return internal_error(Code::invalid, "the console needs a place to keep accounts");
  auto state = std::make_unique<State>(settings, std::move(dependencies));
  auto& needs = state->needs;
  events::Publisher* publisher = needs.bus != nullptr ? TRY(needs.bus->add_publisher("console")) : nullptr;
  state->record = std::make_unique<Record>(publisher, *needs.clock);
  state->services = std::make_unique<Services>(Services{
      .store = needs.store,
      .bus = needs.bus,
      .desk = needs.desk,
      .chat = needs.chat,
      .clock = *needs.clock,
      .accounts = *needs.accounts,
      .sessions = state->sessions,
      .sign_in = state->sign_in,
      .enrolment = state->enrolment,
      .record = *state->record,
      .live = state->live,
      .first_admin_exists = [file = state->set_up_file()] { ::unlink(file.c_str()); },
  });
  add_account_routes(state->router, *state->services);
  add_people_routes(state->router, *state->services);
  add_event_routes(state->router, *state->services);
  add_control_routes(state->router, *state->services);
  add_incident_routes(state->router, *state->services);
  add_chat_routes(state->router, *state->services);
  return std::shared_ptr<Console>(new Console(std::move(state)));
}

Console::Console(std::unique_ptr<State> state) : state_(std::move(state)) {}
Console::~Console() = default;

events::Subscriber& Console::live() { return state_->live; }

Result<std::optional<std::string>> Console::first_run() {
  if (!TRY(state_->needs.accounts->list()).empty()) return std::optional<std::string>();
  std::string code = TRY(state_->enrolment.invite(Role::admin, ""));
  TRY(write_private_file(state_->set_up_file(), code + "\n"));
  return std::optional<std::string>(std::move(code));
}

void Console::handle(gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) {
  if (exchange.request.path.starts_with("/api/"))
    serve_api(exchange, std::move(responder));
  else
    serve_page(exchange, *responder);
}

void Console::serve_page(const gateway::Exchange& exchange, gateway::Responder& responder) const {
  const auto& request = exchange.request;
  if (request.method != "GET" && request.method != "HEAD") return send(responder, problem(405, "method", "Pages are read with GET."));
  const Asset* asset = find_asset(request.path);
  if (asset == nullptr) return send(responder, problem(404, "not_found", "There is no such page."));
  gateway::HeaderPairs headers{{"etag", std::string(asset->etag)},
                               {"vary", "accept-encoding"},
                               {"cache-control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (request.headers.get("if-none-match") == asset->etag) return responder.respond(304, secured(std::move(headers)), "");
  const auto encoded = encoded_for(*asset, request.headers.get("accept-encoding"));
  headers.emplace_back("content-type", asset->content_type);
  if (!encoded.coding.empty()) headers.emplace_back("content-encoding", encoded.coding);
  responder.respond(200, secured(std::move(headers)), std::string(encoded.bytes));
}

void Console::serve_api(const gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) {
  auto call = std::make_shared<Call>(call_of(exchange, responder));
  auto match = state_->router.match(*call, state_->sessions);
  if (match.route == nullptr) return send(*responder, std::move(match.refusal));
  WorkLane& lane = match.route->lane == Lane::passwords ? state_->passwords : state_->reads;
  const bool queued = lane.post([call, route = match.route] { send(*call->responder, route->action(*call)); });
  if (!queued) send(*responder, problem(503, "busy", "The console is busy. Try again in a moment."));
}

Result<net::CertificateFiles> certificate(const Settings& settings, const std::string& data_directory) {
  if (!settings.certificate_file.empty()) return net::CertificateFiles{settings.certificate_file, settings.key_file};
  net::CertificateFiles files{data_directory + "/console-certificate.pem", data_directory + "/console-key.pem"};
  if (::access(files.certificate_file.c_str(), R_OK) == 0 && ::access(files.key_file.c_str(), R_OK) == 0) return files;
  constexpr int kDays = 397;  // what browsers accept at most
  const auto made = TRY(net::make_self_signed({"localhost", "127.0.0.1", "::1", settings.listen.address.text()}, kDays));
  TRY(write_private_file(files.key_file, made.key_pem));
  TRY(write_private_file(files.certificate_file, made.certificate_pem));
  log::info("made a self-signed certificate for the console: {}", files.certificate_file);
  return files;
}

}  // namespace bulwark::console
