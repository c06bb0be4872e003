// The client's half of the relay: framing, examination, and what is awaited in answer.
#include "database/relay.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;
namespace type = wire::frontend;

/// Stands in for a refused statement. PostgreSQL's log shows it in place of the original.
constexpr std::string_view kRefusedSql = "bulwark: statement refused";
constexpr std::uint32_t kMaxControlBody = 64 * 1024;  // of Execute, Describe, Close, Sync, Flush

}  // namespace

Relay::Step Relay::from_client(Buffer& in, std::string& to_server, std::string& to_client) {
  while (!in.empty() && to_server.size() < kHighWater && pending_.size() < kMaxPending && !terminated_) {
    if (pass_to_server_ > 0 || drop_from_client_ > 0) {
      std::size_t& left = pass_to_server_ > 0 ? pass_to_server_ : drop_from_client_;
      const std::size_t now = std::min(left, in.size());
      if (&left == &pass_to_server_) to_server.append(in.view().substr(0, now));
      left -= now;
      in.consume(now);
      continue;
    }
    const auto header = wire::read_header(in.view());
    if (!header.ok()) return violation(to_client, header.error().message);
    if (!header->has_value()) return Step::wait;
    const auto [kind, body_bytes] = **header;
    if (!wire::is_frontend_type(kind) || kind == type::kPassword) return violation(to_client, "invalid frontend message type");

    if (kind == type::kBind || kind == type::kCopyData) {
      // Streamed: of a Bind only the names at its front are read.
      if (kind == type::kBind) {
        const auto names = wire::read_bind_names(in.view().substr(wire::kHeaderBytes, body_bytes));
        if (!names.ok()) return violation(to_client, names.error().message);
        if (!names->has_value()) {
          if (in.size() >= wire::kHeaderBytes + body_bytes) return violation(to_client, "malformed Bind message");
          return Step::wait;
        }
        if (bind(in.view().substr(wire::kHeaderBytes, body_bytes)) == Step::close) return violation(to_client, "too many portals");
      }
      pass_to_server_ = wire::kHeaderBytes + body_bytes;
      continue;
    }
    const bool statement = kind == type::kQuery || kind == type::kParse || kind == type::kFunctionCall;
    const std::size_t limit = statement ? worker_.policy->settings.max_statement.bytes : kMaxControlBody;
    if (body_bytes > limit) {
      if (!statement) return violation(to_client, "message longer than allowed");
      if (oversized(**header, to_server) == Step::close) return violation(to_client, "message longer than allowed");
      in.consume(wire::kHeaderBytes);
      drop_from_client_ = body_bytes;
      continue;
    }
    const std::size_t size = wire::kHeaderBytes + body_bytes;
    if (in.size() < size) return Step::wait;
    const Step step = client_message(**header, in.view().substr(0, size), to_server, to_client);
    in.consume(size);
    if (step == Step::close) return step;
  }
  return Step::wait;
}

Relay::Step Relay::client_message(wire::Header header, std::string_view whole, std::string& to_server, std::string& to_client) {
  const std::string_view body = whole.substr(wire::kHeaderBytes);
  switch (header.type) {
    case type::kQuery: return query(body, whole, to_server, to_client);
    case type::kParse: return parse(body, whole, to_server, to_client);
    case type::kExecute:
      if (execute(body) == Step::close) return violation(to_client, "malformed Execute message");
      break;
    case type::kDescribe:
      if (!wire::read_named_target(body).ok()) return violation(to_client, "malformed Describe message");
      await(Kind::describe);
      break;
    case type::kClose:
      if (close_target(body) == Step::close) return violation(to_client, "malformed Close message");
      break;
    case type::kSync:
      // PostgreSQL ignores a Sync that it reads while rows are copied in.
      if (!copying_in_) await(Kind::sync);
      break;
    case type::kCopyDone:
    case type::kCopyFail:
      copying_in_ = false;
      await(Kind::copy_end);
      break;
    case type::kTerminate: terminated_ = true; break;
    case type::kFunctionCall: {
      if (worker_.policy->settings.allow_function_call) {
        auto record = std::make_shared<StatementRecord>();
        record->shape = "function call by the protocol";
        await(Kind::query, std::move(record), whole.size());
        break;
      }
      auto record = std::make_shared<StatementRecord>();
      record->refusal = Refusal{"42501", "FunctionCall is not allowed through this gateway", "database.function_call", {}};
      wire::write_query(to_server, kRefusedSql);
      await(Kind::query, std::move(record), whole.size());
      return Step::wait;
    }
    default: break;  // Flush
  }
  to_server.append(whole);
  return Step::wait;
}

std::shared_ptr<const StatementRecord> Relay::examine(std::string_view sql) {
  return worker_.examiner.examine(*worker_.policy, session_, sql, {standard_conforming_strings_}, worker_.reactor.wall());
}

Relay::Step Relay::query(std::string_view body, std::string_view whole, std::string& to_server, std::string& to_client) {
  const auto sql = wire::read_query(body);
  if (!sql.ok()) return violation(to_client, sql.error().message);
  auto record = examine(*sql);
  if (record->ends_session) return end_session(*record, to_client);
  if (record->refusal)
    wire::write_query(to_server, kRefusedSql);
  else
    to_server.append(whole);
  // A simple query drops the unnamed statement and portal.
  prepared_.erase("");
  portals_.erase("");
  await(Kind::query, std::move(record), whole.size());
  return Step::wait;
}

Relay::Step Relay::parse(std::string_view body, std::string_view whole, std::string& to_server, std::string& to_client) {
  const auto message = wire::read_parse(body);
  if (!message.ok()) return violation(to_client, message.error().message);
  if (prepared_.size() >= kMaxPrepared) return violation(to_client, "too many prepared statements");
  auto record = examine(message->sql);
  if (record->ends_session) return end_session(*record, to_client);
  if (record->refusal) {
    wire::write_parse(to_server, message->statement, kRefusedSql);
  } else {
    to_server.append(whole);
    prepared_[std::string(message->statement)] = record;
  }
  await(Kind::parse, std::move(record), whole.size());
  return Step::wait;
}

Relay::Step Relay::bind(std::string_view body) {
  const auto names = wire::read_bind_names(body);
  if (portals_.size() >= kMaxPrepared) return Step::close;
  const auto statement = prepared_.find(std::string((*names)->statement));
  portals_[std::string((*names)->portal)] = statement == prepared_.end() ? nullptr : statement->second;
  await(Kind::bind);
  return Step::wait;
}

Relay::Step Relay::execute(std::string_view body) {
  const auto message = wire::read_execute(body);
  if (!message.ok()) return Step::close;
  const auto portal = portals_.find(std::string(message->portal));
  await(Kind::execute, portal == portals_.end() ? nullptr : portal->second, body.size() + wire::kHeaderBytes);
  return Step::wait;
}

Relay::Step Relay::close_target(std::string_view body) {
  const auto target = wire::read_named_target(body);
  if (!target.ok()) return Step::close;
  (target->kind == 'S' ? prepared_ : portals_).erase(std::string(target->name));
  await(Kind::close);
  return Step::wait;
}

Relay::Step Relay::oversized(wire::Header header, std::string& to_server) {
  auto record = std::make_shared<StatementRecord>();
  record->refusal = Refusal{"54000", "statement longer than this gateway examines", "database.statement_limit", {}};
  // The name of an oversized Parse is not read: what follows fails until the next Sync anyway.
  if (header.type == type::kParse)
    wire::write_parse(to_server, "", kRefusedSql);
  else
    wire::write_query(to_server, kRefusedSql);
  await(header.type == type::kParse ? Kind::parse : Kind::query, std::move(record), header.body_bytes);
  return Step::wait;
}

void Relay::await(Kind kind, std::shared_ptr<const StatementRecord> record, std::uint64_t bytes) {
  if (skipping_ && kind != Kind::sync) return;
  skipping_ = false;
  pending_.push_back({kind, std::move(record), worker_.reactor.now(), bytes, 0, 0, {}});
}

Relay::Step Relay::violation(std::string& to_client, std::string_view message) {
  wire::write_error(to_client, {.severity = "FATAL", .sqlstate = "08P01", .message = message});
  worker_.log.refusal(session_, {"08P01", std::string(message), "database.protocol", {}}, worker_.reactor.wall());
  return Step::close;
}

Relay::Step Relay::end_session(const StatementRecord& record, std::string& to_client) {
  wire::write_error(to_client, {.severity = "FATAL", .sqlstate = record.refusal->sqlstate, .message = record.refusal->message});
  worker_.log.statement(session_, record, {}, worker_.reactor.wall());
  return Step::close;
}

}  // namespace bulwark::database
