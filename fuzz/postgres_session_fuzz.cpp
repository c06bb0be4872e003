// Whole sessions through the relay. Even first byte: any bytes from both sides. Odd: three clients that send well-formed messages
// share two connections of a model server, and each must get, byte for byte, what it gets from a server of its own.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "database/guards/session_settings.h"
#include "database/relay.h"
#include "wire/postgres/writer.h"

using namespace bulwark;
using namespace bulwark::database;
namespace wp = bulwark::wire::postgres;

namespace {

WorkerContext& worker() {
  static auto reactor = std::move(net::Reactor::create()).value();
  static WorkerContext context = [] {
    auto policy = std::make_shared<Policy>();
    policy->settings.max_statement.bytes = 64 * 1024;
    policy->guards = {make_session_settings()};
    return WorkerContext{*reactor, policy, Examiner(nullptr, nullptr), StatementLog(nullptr), AuditTrail(nullptr, *reactor, nullptr)};
  }();
  return context;
}

Parameters reported() {
  Parameters parameters;
  parameters.set("client_encoding", "UTF8");
  parameters.set("standard_conforming_strings", "on");
  parameters.set("TimeZone", "UTC");
  return parameters;
}

std::unique_ptr<Backend> backend() {
  auto made = std::make_unique<Backend>(worker().reactor, worker().policy, BackendLogin::of({{"user", "u"}}, std::nullopt));
  made->parameters = reported();
  return made;
}

/// As much of PostgreSQL as the messages below can tell from the real one.
class ModelServer {
 public:
  void read(Leg& leg) {
    std::string_view in = leg.out;
    std::string out;
    for (;;) {
      const auto header = wp::read_header(in);
      if (!header.ok()) abort();
      if (!header->has_value() || in.size() < wp::kHeaderBytes + (*header)->body_bytes) break;
      message((*header)->type, in.substr(wp::kHeaderBytes, (*header)->body_bytes), out);
      in.remove_prefix(wp::kHeaderBytes + (*header)->body_bytes);
    }
    leg.out.erase(0, leg.out.size() - in.size());
    leg.in.append(out);
  }

 private:
  void message(char type, std::string_view body, std::string& out) {
    if (skipping_ && type != wp::frontend::kSync) return;
    switch (type) {
      case wp::frontend::kQuery:
        statements_.erase("");
        (void)run(body.substr(0, body.find('\0')), out);
        return ready(out);
      case wp::frontend::kSync: return ready(out);
      case wp::frontend::kParse: return parse(*wp::read_parse(body), out);
      case wp::frontend::kBind: {
        const auto names = **wp::read_bind_names(body);
        const auto statement = statements_.find(std::string(names.statement));
        if (statement == statements_.end())
          return fail(out, "26000",
                      names.statement.empty() ? "unnamed prepared statement does not exist"
                                              : "prepared statement \"" + std::string(names.statement) + "\" does not exist");
        portals_[std::string(names.portal)] = statement->second;
        return answer(out, wp::backend::kBindComplete);
      }
      case wp::frontend::kDescribe: {
        const auto target = *wp::read_named_target(body);
        if (target.kind == 'S' && !statements_.contains(std::string(target.name)))
          return fail(out, "26000",
                      target.name.empty() ? "unnamed prepared statement does not exist"
                                          : "prepared statement \"" + std::string(target.name) + "\" does not exist");
        return answer(out, wp::backend::kNoData);
      }
      case wp::frontend::kExecute: {
        const auto portal = portals_.find(std::string(wp::read_execute(body)->portal));
        if (portal == portals_.end()) return fail(out, "34000", "no such portal");
        const std::string sql = portal->second;
        skipping_ = !run(sql, out);
        return;
      }
      case wp::frontend::kClose: {
        const auto target = *wp::read_named_target(body);
        (target.kind == 'S' ? statements_ : portals_).erase(std::string(target.name));
        return answer(out, wp::backend::kCloseComplete);
      }
      default: return;
    }
  }

  void parse(const wp::ParseMessage& message, std::string& out) {
    if (message.sql == Relay::kRefusedSql) {
      if (message.statement.empty()) statements_.erase("");
      return fail(out, "42601", "syntax error");
    }
    const std::string name(message.statement);
    if (!name.empty() && statements_.contains(name)) return fail(out, "42P05", "prepared statement \"" + name + "\" already exists");
    if (message.sql.find("nowhere") != std::string_view::npos) {
      if (name.empty()) statements_.erase("");
      return fail(out, "42P01", "no such relation");
    }
    statements_[name] = message.sql;
    answer(out, wp::backend::kParseComplete);
  }

  bool run(std::string_view sql, std::string& out) {
    if (sql == Relay::kRefusedSql) return fail(out, "42601", "syntax error", false), false;
    if (state_ == wp::TransactionState::failed && !sql.starts_with("rollback"))
      return fail(out, "25P02", "transaction is aborted", false), false;
    if (sql.find("1/0") != std::string_view::npos || sql.find("nowhere") != std::string_view::npos)
      return fail(out, "22012", "division by zero", false), false;
    if (sql == "begin") {
      state_ = wp::TransactionState::open;
      before_ = zone_;
    } else if (sql == "commit" || sql == "rollback") {
      if (sql == "rollback" && state_ != wp::TransactionState::idle) zone_ = before_;
      state_ = wp::TransactionState::idle;
    } else if (const auto zone = sql.find("imezone"); sql.starts_with("set ") && zone != std::string_view::npos) {
      zone_ = quoted(sql);
    } else if (sql.starts_with("SET \"TimeZone\"")) {
      zone_ = quoted(sql);
    } else if (sql == "discard all" || sql == "DISCARD ALL") {
      statements_.clear();
      portals_.clear();
      zone_ = "UTC";
    } else if (sql == "deallocate all") {
      statements_.clear();
    } else if (sql.starts_with("deallocate ")) {
      if (statements_.erase(std::string(sql.substr(11))) == 0) return fail(out, "26000", "no such statement", false), false;
      return tag(out, "DEALLOCATE"), true;
    } else if (sql.starts_with("select")) {
      wp::Message(out, wp::backend::kDataRow).c_string(std::string(sql) + " in " + zone_).finish();
    }
    return tag(out, "DONE"), true;
  }

  void ready(std::string& out) {
    skipping_ = false;
    if (state_ == wp::TransactionState::idle) portals_.clear();
    if (zone_ != reported_) wp::write_parameter_status(out, "TimeZone", reported_ = zone_);
    wp::write_ready_for_query(out, state_);
  }

  void fail(std::string& out, std::string_view sqlstate, const std::string& text, bool extended = true) {
    wp::write_error(out, {.sqlstate = sqlstate, .message = text});
    if (state_ == wp::TransactionState::open) state_ = wp::TransactionState::failed;
    skipping_ |= extended;
  }
  static void answer(std::string& out, char type) { wp::Message(out, type).finish(); }
  static void tag(std::string& out, std::string_view text) { wp::Message(out, wp::backend::kCommandComplete).c_string(text).finish(); }
  static std::string quoted(std::string_view sql) {
    const auto begin = sql.find('\'') + 1;
    return std::string(sql.substr(begin, sql.rfind('\'') - begin));
  }

  std::map<std::string, std::string> statements_;
  std::map<std::string, std::string> portals_;
  wp::TransactionState state_ = wp::TransactionState::idle;
  bool skipping_ = false;
  std::string zone_ = "UTC";
  std::string before_ = "UTC";
  std::string reported_ = "UTC";
};

struct Connection {
  std::unique_ptr<Backend> backend = ::backend();
  ModelServer server;
  bool used = false;
};

struct Client {
  explicit Client(PoolMode mode) : relay(worker(), SessionInfo{"u", "d", "", {}}, reported(), mode) {}
  Relay relay;
  Buffer in;
  std::string out;
  Connection* connection = nullptr;
  bool closed = false;
  std::string history;

  /// To a standstill.
  void pump() {
    while (!closed && connection != nullptr) {
      Leg& leg = connection->backend->leg;
      const auto before = std::make_tuple(in.size(), leg.in.size(), leg.out.size(), out.size());
      closed = relay.from_client(in, leg.out, out) == Relay::Step::close;
      if (!closed) connection->server.read(leg);
      if (!closed) closed = relay.from_server(leg.in, out) == Relay::Step::close;
      if (before == std::make_tuple(in.size(), leg.in.size(), leg.out.size(), out.size())) return;
    }
  }
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}
  bool done() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view chunk(std::size_t most) {
    const auto taken = rest_.substr(0, most);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

// The last four come as simple queries only: prepared, and followed without a Sync, their errors name statements otherwise.
constexpr std::string_view kSql[] = {"select 1",
                                     "select 2",
                                     "select 3",
                                     "begin",
                                     "commit",
                                     "rollback",
                                     "select 1/0",
                                     "select * from nowhere",
                                     "set timezone = 'A'",
                                     "set timezone = 'B'",
                                     "selec",
                                     "set role x",
                                     "set local timezone = 'C'",
                                     "discard all",
                                     "deallocate all",
                                     "deallocate a"};
constexpr std::size_t kPrepared = 12;
constexpr std::string_view kNames[] = {"", "a", "b", "bulwark_c"};

void append_message(Input& input, std::string& out) {
  const std::uint8_t what = input.byte();
  const std::string_view name = kNames[what >> 4 & 3];
  const std::string_view sql = kSql[input.byte() % kPrepared];
  switch (what & 15) {
    case 0:
    case 1:
    case 2: return wp::write_parse(out, name, sql);
    case 3:
    case 4: return wp::Message(out, wp::frontend::kBind).c_string("").c_string(name).u16(0).u16(0).u16(0).finish();
    case 5:
    case 6: return wp::Message(out, wp::frontend::kExecute).c_string("").u32(0).finish();
    case 7: return wp::Message(out, wp::frontend::kDescribe).u8('S').c_string(name).finish();
    case 8: return wp::Message(out, wp::frontend::kClose).u8('S').c_string(name).finish();
    case 9: return wp::Message(out, wp::frontend::kFlush).finish();
    case 10: return wp::write_query(out, kSql[what >> 4]);
    default: return wp::Message(out, wp::frontend::kSync).finish();
  }
}

/// Says what differs before the end, for whoever has to find out why.
[[noreturn]] void differ(const std::string& sent, const std::string& shared, const std::string& alone) {
  for (const auto& [what, bytes] : {std::pair("sent", sent), std::pair("shared", shared), std::pair("alone", alone)}) {
    std::fprintf(stderr, "%s: ", what);
    for (const char c : bytes) std::fputc((c >= ' ' && c <= '~') || c == '\n' ? c : '.', stderr);
    std::fputc('\n', stderr);
  }
  abort();
}

void shared_like_alone(Input input) {
  std::vector<Connection> connections(2);
  std::vector<Connection> own(3);
  std::vector<std::unique_ptr<Client>> sharing;
  std::vector<std::unique_ptr<Client>> alone;
  for (auto& each : own) {
    sharing.push_back(std::make_unique<Client>(PoolMode::transaction));
    alone.push_back(std::make_unique<Client>(PoolMode::none));
    alone.back()->connection = &each;
    alone.back()->relay.attach(*each.backend, alone.back()->out);
  }
  while (!input.done()) {
    const std::uint8_t choice = input.byte();
    Client& client = *sharing[choice % 3];
    Client& twin = *alone[choice % 3];
    if (client.connection == nullptr) {
      Connection* found = !connections[choice >> 7].used ? &connections[choice >> 7] : &connections[1 - (choice >> 7)];
      if (found->used) continue;  // it waits; nothing of it is read
      found->used = true;
      client.connection = found;
      client.relay.attach(*found->backend, client.out);
    }
    std::string bytes;
    for (int i = 0; i <= (choice >> 2 & 7); ++i) append_message(input, bytes);
    client.in.append(bytes);
    twin.in.append(bytes);
    client.pump();
    twin.pump();
    if (client.closed != twin.closed || client.out != twin.out || client.relay.at_rest() != twin.relay.at_rest())
      differ(client.history + bytes, client.out, twin.out);
    client.history += bytes + " -> " + client.out + "\n";
    client.out.clear();
    twin.out.clear();
    if (client.relay.at_rest() && !client.relay.pinned()) {
      client.relay.detach();
      client.connection->used = false;
      client.connection = nullptr;
    }
  }
}

void any_bytes(Input input) {
  const PoolMode mode = input.byte() % 2 == 0 ? PoolMode::none : PoolMode::transaction;
  Client client(mode);
  auto connection = backend();
  client.relay.attach(*connection, client.out);
  Buffer from_server;
  while (!input.done()) {
    const std::uint8_t choice = input.byte();
    if (choice % 4 == 0) {
      from_server.append(input.chunk(choice / 4 + 1));
      if (client.relay.from_server(from_server, client.out) == Relay::Step::close) break;
    } else {
      client.in.append(input.chunk(choice / 4 + 1));
      if (client.relay.from_client(client.in, connection->leg.out, client.out) == Relay::Step::close) break;
    }
    if (mode == PoolMode::transaction && client.relay.at_rest() && choice % 8 == 1) {
      client.relay.detach();
      connection = backend();
      client.relay.attach(*connection, client.out);
    }
    if (client.out.size() > 2 * Relay::kHighWater) client.out.clear();
  }
  client.relay.server_lost();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  if (data[0] % 2 == 0)
    any_bytes(Input(data + 1, size - 1));
  else
    shared_like_alone(Input(data + 1, size - 1));
  return 0;
}
