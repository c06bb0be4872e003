// What happens to every statement before it may reach PostgreSQL: parse it, find the request it belongs to, ask control and the
// guards. One a worker; the result is a record that lives as long as the statement runs or stays prepared.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "control/table.h"
#include "database/guard.h"
#include "database/parsed_statement.h"
#include "database/policy.h"
#include "trace/in_flight.h"
#include "wire/postgres/message.h"

namespace bulwark::database {

struct SealedStatement;

/// A statement that was looked at; immutable from then on.
struct StatementRecord {
  std::string shape;
  Command command = Command::other;
  std::size_t statements = 1;
  std::array<std::uint8_t, 32> fingerprint{};
  TraceId trace;
  SpanId span;
  std::shared_ptr<const trace::Context> request;  ///< the one request it belongs to, when that is known
  std::shared_ptr<const ShapeFacts> facts;        ///< nullptr: unparsable, or no statement
  std::string literals;                           ///< a JSON array as the audit policy wants them, or empty
  bool literals_vary = false;                     ///< from run to run
  std::string parameters;                         ///< bound to this run, in the same way
  std::vector<std::uint32_t> watched;             ///< parameters whose values guards want to see, from 1
  std::vector<Finding> findings;
  std::optional<Refusal> refusal;
  std::uint32_t error_position = 0;         ///< of a syntax error, in characters from 1
  std::shared_ptr<SealedStatement> sealed;  ///< what PostgreSQL gets instead; nullptr: the statement as it is
  bool ends_session = false;                ///< the role or the address is blocked
  bool unread = false;                      ///< passes although the grammar known here has no such statement
  bool tried = false;                       ///< refused as such: PostgreSQL may say in its own words what is wrong
};

class Examiner {
 public:
  /// At most so many requests in flight are looked at for a statement without a trace id; guards are told when there are more.
  static constexpr std::size_t kMaxRequests = 256;

  Examiner(const trace::InFlight* in_flight, const control::Table* control);

  std::shared_ptr<const StatementRecord> examine(const Policy& policy, const SessionInfo& session, std::string_view sql,
                                                 const sql::LexerOptions& options, WallTime now);
  /// The same statement as run with these values: with them as the audit policy wants them, and refused if a guard denies one.
  std::shared_ptr<const StatementRecord> bind(const Policy& policy, const SessionInfo& session,
                                              const std::shared_ptr<const StatementRecord>& record,
                                              const wire::postgres::BindMessage& bind);
  static bool wants_values(const Policy& policy, const StatementRecord& record) {
    return !record.watched.empty() || policy.settings.audit.literals != LiteralPolicy::redact;
  }
  /// Whether no guard looks at this session's statements, but for those that keep columns from everybody.
  static bool exempt(const Policy& policy, const SessionInfo& session) {
    return !policy.settings.guards.exempt_roles.empty() && policy.settings.guards.exempts(session.user);
  }
  /// The refusal that defenders have ordered for this session, if any.
  std::optional<Refusal> ordered_refusal(const SessionInfo& session, WallTime now);

 private:
  void find_requests(const ParsedStatement& parsed, StatementRecord& record);
  void look_in_flight(const TraceId& trace);
  std::optional<Refusal> unreadable(const Policy& policy, const SessionInfo& session, const Error& error) const;
  template <class Check>
  void run_guards(const Policy& policy, const SessionInfo& session, StatementRecord& record, Check check) const;

  StatementParser parser_;
  const trace::InFlight* in_flight_;
  std::optional<control::Table::View> control_;
  std::vector<std::shared_ptr<const trace::Context>> requests_;
  bool exact_ = false;
  bool cut_off_ = false;
};

/// The W3C traceparent in a comment of the statement, as sqlcommenter writes it: traceparent='00-<trace>-<span>-<flags>'.
struct TraceComment {
  TraceId trace;
  SpanId span;
};
std::optional<TraceComment> trace_comment(std::string_view text, std::span<const sql::Token> tokens);

}  // namespace bulwark::database
