// The order of the checks is: what defenders have ordered, the grammar, the guards in their listed order.
#include "database/examiner.h"

#include "database/audit/literals.h"
#include "database/protection/sealing.h"

namespace bulwark::database {
namespace {

constexpr std::string_view kUnparsable = "database.unparsable";

/// With the request's id, by which `bulwark explain` says more.
Refusal refusal_of(const Finding& finding, const TraceId& trace) {
  const std::string request = trace.empty() ? std::string() : " (request " + trace.hex() + ")";
  return {finding.sqlstate, finding.message + request, finding.rule, {}};
}

}  // namespace

Examiner::Examiner(const trace::InFlight* in_flight, const control::Table* control) : in_flight_(in_flight) {
  if (control != nullptr) control_.emplace(*control);
}

std::optional<Refusal> Examiner::ordered_refusal(const SessionInfo& session, WallTime now) {
  if (!control_) return std::nullopt;
  const control::Snapshot& orders = control_->current();
  if (orders.empty()) return std::nullopt;
  const control::Entry* entry = orders.refusal(session.client.address, nullptr, now);
  if (entry == nullptr && !session.user.empty()) entry = orders.refusal_for_role(session.user, now);
  if (entry == nullptr) return std::nullopt;
  return Refusal{"28000", "access is blocked for now by order of the defenders", "control." + std::string(to_string(entry->kind)), {}};
}

std::shared_ptr<const StatementRecord> Examiner::examine(const Policy& policy, const SessionInfo& session, std::string_view text,
                                                         const sql::LexerOptions& options, WallTime now) {
  auto record = std::make_shared<StatementRecord>();
  record->refusal = ordered_refusal(session, now);
  record->ends_session = record->refusal.has_value();
  const auto parsed = parser_.parse(text, options);
  if (!parsed.ok()) {
    record->error_position = parser_.error_position();
    find_requests(parser_.last(), *record);  // attempts that break the grammar tell of their request too
    requests_.clear();
    if (!record->refusal) {
      record->refusal = unreadable(policy, session, parsed.error());
      record->tried = record->refusal && record->refusal->rule == kUnparsable;
      record->unread = !record->refusal;
    }
    // Of a refused one no words are kept: what was a literal's in the app's mind may be none here.
    if (record->unread) record->shape = parser_.last().shape();
    record->fingerprint = shape_fingerprint(record->shape);
    return record;
  }
  const ParsedStatement& statement = **parsed;
  record->shape = statement.shape();
  record->facts = statement.shared_facts();
  record->statements = statement.facts().commands.size();
  if (record->statements > 0) record->command = statement.facts().commands.front();
  record->fingerprint = statement.facts().fingerprint;
  record->literals = audited_literals(text, statement.tokens(), policy.settings.audit.literals, policy.secret);
  record->literals_vary = statement.literals_vary();
  find_requests(statement, *record);
  if (!record->refusal) {
    const Statement view{text, &statement, &session, requests_, exact_, cut_off_, &record->watched};
    run_guards(policy, session, *record, [&](const Guard& guard) { return guard.check(view, record->findings); });
  }
  requests_.clear();
  return record;
}

std::shared_ptr<const StatementRecord> Examiner::bind(const Policy& policy, const SessionInfo& session,
                                                      const std::shared_ptr<const StatementRecord>& record,
                                                      const wire::postgres::BindMessage& bind) {
  auto bound = std::make_shared<StatementRecord>(*record);
  const auto encrypted = record->sealed == nullptr ? std::vector<std::uint32_t>() : record->sealed->parameter_numbers();
  bound->parameters = audited_parameters(bind, policy.settings.audit.literals, policy.secret, encrypted);
  if (record->watched.empty()) return bound;
  // A named statement may have been prepared for another request than the one that it runs for now.
  look_in_flight(bind.names.statement.empty() ? record->trace : TraceId());
  Binding view{&session, {}, requests_, cut_off_};
  for (const std::uint32_t number : record->watched)
    if (number >= 1 && number <= bind.values.size() && bind.values[number - 1])
      view.values.push_back({*bind.values[number - 1], bind.binary(number - 1)});
  run_guards(policy, session, *bound, [&](const Guard& guard) { return guard.bound(view, bound->findings); });
  requests_.clear();
  return bound;
}

void Examiner::find_requests(const ParsedStatement& parsed, StatementRecord& record) {
  if (const auto comment = trace_comment(parsed.text(), parsed.tokens())) {
    record.trace = comment->trace;
    record.span = comment->span;
  }
  look_in_flight(record.trace);
  if (requests_.size() != 1) return;
  record.request = requests_.front();
  if (record.trace.empty()) record.trace = record.request->trace;
}

void Examiner::look_in_flight(const TraceId& trace) {
  requests_.clear();
  exact_ = false;
  cut_off_ = false;
  if (in_flight_ == nullptr) return;
  if (auto found = trace.empty() ? nullptr : in_flight_->find(trace)) {
    requests_.push_back(std::move(found));
    exact_ = true;
    return;
  }
  // A trace id that nobody knows proves nothing: such a statement may belong to any request in flight.
  requests_ = in_flight_->all(kMaxRequests + 1);
  cut_off_ = requests_.size() > kMaxRequests;
  if (cut_off_) requests_.pop_back();
}

/// Guards cannot judge what cannot be read. Whom they do not look at is answered by PostgreSQL, whose grammar may know more.
std::optional<Refusal> Examiner::unreadable(const Policy& policy, const SessionInfo& session, const Error& error) const {
  const bool columns_are_kept = policy.protection != nullptr && (policy.protection->covers(session.user) || policy.protection->encrypts());
  if (exempt(policy, session) && !columns_are_kept) return std::nullopt;
  if (error.code != Code::invalid) return Refusal{"54001", error.message, "database.statement_limit", {}};
  return Refusal{"42601", error.message, std::string(kUnparsable), {}};
}

template <class Check>
void Examiner::run_guards(const Policy& policy, const SessionInfo& session, StatementRecord& record, Check check) const {
  const bool only_everybodys = exempt(policy, session);
  for (const auto& guard : policy.guards) {
    if (only_everybodys && !guard->info().everybodys) continue;
    const std::size_t before = record.findings.size();
    const auto verdict = check(*guard);
    if (!verdict.ok()) {
      record.findings.push_back({guard->info().name, "database.guard_error", events::Severity::high, verdict.error().message, "58000"});
      if (guard->info().fail_open) continue;
    } else if (*verdict == Verdict::pass) {
      continue;
    }
    record.refusal = record.findings.size() > before ? refusal_of(record.findings.back(), record.trace)
                                                     : Refusal{"42501", "statement denied", std::string(guard->info().name), {}};
    return;
  }
}

std::optional<TraceComment> trace_comment(std::string_view text, std::span<const sql::Token> tokens) {
  constexpr std::string_view kKey = "traceparent='00-";
  for (const auto& token : tokens) {
    if (token.kind != sql::TokenKind::comment) continue;
    const std::string_view comment = token.in(text);
    const auto key = comment.find(kKey);
    if (key == std::string_view::npos) continue;
    const std::string_view value = comment.substr(key + kKey.size());
    if (value.size() < 53 || value[32] != '-' || value[49] != '-') continue;
    const auto trace = TraceId::from_hex(value.substr(0, 32));
    const auto span = SpanId::from_hex(value.substr(33, 16));
    if (trace && span) return TraceComment{*trace, *span};
  }
  return std::nullopt;
}

}  // namespace bulwark::database
