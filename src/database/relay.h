// The messages of a logged-in session, both ways: statements are examined before they pass, answers are matched to them. A refused
// statement is replaced by one that PostgreSQL cannot parse, so that the server itself fails the transaction and skips to the next
// Sync exactly as the protocol demands; only its error is exchanged for ours. Where sessions share connections, prepared statements
// are sent under names that all share, and prepared again on connections that do not know them. A state machine over bytes, without I/O.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "database/audit/trail.h"
#include "database/backend.h"
#include "database/buffer.h"
#include "database/examiner.h"
#include "database/followed_result.h"
#include "database/prepared.h"
#include "database/protection/result_filter.h"
#include "database/protection/sealing.h"
#include "database/statement_log.h"
#include "net/reactor.h"
#include "wire/postgres/message.h"
#include "wire/postgres/reply.h"

namespace bulwark::database {

/// What the sessions of one worker share.
struct WorkerContext {
  net::Reactor& reactor;
  std::shared_ptr<const Policy> policy;
  Examiner examiner;
  StatementLog log;
  AuditTrail audit;
};

class Relay {
 public:
  static constexpr std::size_t kMaxPending = 4096;                    ///< answers awaited; more statements wait in the client's socket
  static constexpr std::size_t kMaxPrepared = 10'000;                 ///< statements and portals of a session
  static constexpr std::size_t kMaxPreparedBytes = 16 * 1024 * 1024;  ///< of their texts, kept where connections are shared
  static constexpr std::size_t kMaxFilteredRow = 64 * 1024 * 1024;    ///< bytes of a row in which columns are covered
  static constexpr std::size_t kHighWater = 256 * 1024;  ///< bytes for one side, beyond which nothing more is read from the other

  /// Stands in for a refused statement. PostgreSQL's log shows it in place of the original.
  static constexpr std::string_view kRefusedSql = "bulwark: statement refused";

  /// `reported`: what the client was told at login. `mode`: whose the connections to PostgreSQL are.
  Relay(WorkerContext& worker, SessionInfo session, Parameters reported, PoolMode mode);

  /// From here on statements go to `backend`, which must outlive that, until detach().
  void attach(Backend& backend, std::string& to_client);
  void detach() {
    backend_ = nullptr;
    stale_ = false;
  }

  enum class Step : std::uint8_t {
    wait,   ///< for more bytes, or for room
    close,  ///< end the session once the client has got what is in its buffer
  };
  /// Deals with as much of `in` as there is room for.
  Step from_client(Buffer& in, std::string& to_server, std::string& to_client);
  Step from_server(Buffer& in, std::string& to_client);

  /// Whether from_client() could do something with `in`: a session without a connection needs one then.
  bool has_work(const Buffer& in) const;

  /// What must be durable before anything more may go to the client, or to the server; 0: nothing.
  audit::Ticket result_awaits();
  audit::Ticket execution_awaits() const { return execution_awaits_; }

  /// The server is gone: records what was still awaited.
  void server_lost();
  /// Nothing is awaited, half sent or open in a transaction: the connection could be another session's.
  bool at_rest() const {
    return pending_.empty() && !unsynced_ && pass_to_server_ == 0 && drop_from_client_ == 0 && pass_to_client_ == 0 &&
           transaction_ == wire::postgres::TransactionState::idle;
  }
  /// The connection holds state of this session that only a reset removes.
  bool pinned() const { return pinned_; }
  /// Statements prepared on the connection are of no use any more: it is to be reset before it serves again.
  bool stale() const { return stale_; }
  bool terminated() const { return terminated_; }       ///< the client said goodbye
  bool server_said_why() const { return fatal_seen_; }  ///< the server sent a FATAL error: nothing is to be added
  const SessionInfo& session() const { return session_; }
  /// Bytes that must be there as a whole before from_server() can go on; 0: any number will do.
  std::size_t awaited_from_server() const { return awaited_from_server_; }

 private:
  enum class Kind : std::uint8_t {
    query,
    parse,
    bind,
    describe,
    execute,
    close,
    sync,
    copy_end,
    // Of shared connections. These the client asked for and the server never hears of:
    parse_known,
    close_known,
    // These the client never hears of:
    replay,   ///< a statement prepared once more
    evict,    ///< one closed to make room
    restore,  ///< the session's settings
    probe,    ///< what an Execute's rows are made of
  };
  /// A simple query that writes runs in a transaction of ours, so that it can still be taken back when its row count is known.
  enum class Wrap : std::uint8_t { none, begins, runs, ends };
  /// A message of the client whose answer has not come.
  struct Pending {
    Kind kind;
    std::shared_ptr<const StatementRecord> record;
    MonoTime began{};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t rows = 0;
    std::string sqlstate;
    std::string name;                                    ///< the client's, of a Parse or Close; the server's, of an evicted statement
    std::shared_ptr<const PreparedStatement> statement;  ///< parsed, closed or replayed by it
    std::shared_ptr<const PreparedStatement> replaced;   ///< the unnamed statement before it
    std::string_view instead;                            ///< a command tag for the client; static storage
    std::shared_ptr<const Refusal> error;                ///< in place of the one that will come
    bool opened = false;                                 ///< on record as begun
    std::shared_ptr<FollowedResult> followed;            ///< nullptr: no guard looks at what comes
    Wrap wrap = Wrap::none;
    std::string held_tag;                                        ///< the CommandComplete, until what was written is committed
    std::shared_ptr<const StatementRecord> described = nullptr;  ///< the prepared statement whose description this asks for
    bool trial = false;                                          ///< the server parses the refused text first, to say what is wrong
  };

  Step client_message(wire::postgres::Header header, std::string_view whole, std::string& to_server, std::string& to_client);
  Step query(std::string_view body, std::string_view whole, std::string& to_server, std::string& to_client);
  Step parse(std::string_view body, std::string_view whole, std::string& to_server, std::string& to_client);
  void bind(const wire::postgres::BindNames& names);
  std::optional<Step> read_values(wire::postgres::Header header, std::string_view statement, Buffer& in, std::string& to_server,
                                  std::string& to_client);
  Step execute(std::string_view body, std::string& to_server);
  Step close_target(std::string_view body);
  bool write_refused_query(const StatementRecord& record, std::string_view sql, std::string& to_server) const;
  /// Bytes that a message of that kind may have after its header before it is refused.
  std::size_t longest_body(char kind) const;
  Step oversized(wire::postgres::Header header, std::string& to_server);
  Step violation(std::string& to_client, std::string_view message);
  Step end_session(const StatementRecord& record, std::string& to_client);
  std::shared_ptr<const StatementRecord> examine(std::string_view sql);
  /// The answer that will come; nullptr when the server skips the message.
  Pending* await(Kind kind, std::shared_ptr<const StatementRecord> record = nullptr, std::uint64_t bytes = 0);
  Step start_bind(wire::postgres::Header header, Buffer& in, std::string& to_server, std::string& to_client);
  void keep(std::string_view name, std::shared_ptr<const PreparedStatement> statement);
  void drop(std::string_view name);

  // Of shared connections (relay_sharing.cpp).
  bool shares() const { return mode_ == PoolMode::transaction; }
  Step share_parse(const wire::postgres::ParseMessage& message, std::string_view body, std::shared_ptr<const StatementRecord> record,
                   std::string& to_server);
  std::size_t share_bind(wire::postgres::Header header, const wire::postgres::BindNames& names, std::string& to_server);
  bool share_target(char type, const wire::postgres::NamedTarget& target, std::string& to_server);
  std::shared_ptr<const PreparedStatement> share_deallocate(const StatementRecord& record, std::string& to_server);
  std::shared_ptr<const StatementRecord> check_sharing(std::shared_ptr<const StatementRecord> record) const;
  void ensure(const std::shared_ptr<const PreparedStatement>& statement, std::string& to_server);
  void send_parse(const std::shared_ptr<const PreparedStatement>& statement, std::string& to_server);
  void expect_unknown(std::string_view clients_name);
  void note_session_state(const StatementRecord* record);
  void statement_succeeded(const StatementRecord& record);
  bool hidden(wire::postgres::Header header, std::string_view body, bool& fits);
  bool in_doubt(char type, std::string_view body) const;
  void answer_known(std::string& to_client);
  void undo(Pending& pending);

  // Of roles from which columns are kept (relay_protection.cpp).
  void protect();
  bool protection_changed();
  void probe(std::string_view execute, std::string& to_server);
  bool probed(char type, std::string_view body, bool& fits);
  bool understood(Result<void> done);
  bool filtered(char type, std::string_view whole, std::string& to_client);
  bool write_description(std::string_view body, std::string& to_client);
  bool write_parameters(std::string_view whole, std::string& to_client);
  void pass_error(std::string_view whole, std::string& to_client) const;
  bool keeps_columns() const { return filter_ != nullptr && filter_->strict(); }
  bool seals() const { return protection_ != nullptr && protection_->encrypts(); }
  std::shared_ptr<const StatementRecord> seal(std::shared_ptr<const StatementRecord> record, std::string_view sql) const;
  std::string literals_on_record(std::string_view sql, const sql::LexerOptions& options, const SealedStatement& sealed) const;
  Result<std::string> sealed_parse(const wire::postgres::ParseMessage& message, std::string_view body, SealedStatement& sealed) const;
  Step sealed_bind(wire::postgres::Header header, const wire::postgres::BindNames& names, const SealedStatement& sealed,
                   std::string_view body, std::string& to_server);
  Step misfit(std::string& to_client, std::string_view what);
  void note_definitions(const StatementRecord& record);
  void tell_definitions();

  // Results that guards follow (relay_results.cpp).
  static constexpr std::size_t kMaxWithheld = 64 * 1024 * 1024;  ///< bytes of a denied result; then the session ends
  static constexpr std::size_t kMaxLookedAtWhole = 64 * 1024;    ///< a longer row is looked at while it passes
  bool results_may_be_denied() const;
  bool holds() const;
  std::unique_ptr<FollowedResult> follow(const StatementRecord* record) const;
  bool wraps(const StatementRecord& record, const FollowedResult* followed) const;
  bool hold_execute(const wire::postgres::ExecuteMessage& message, std::string& to_server);
  bool looks_into(char type) const;
  bool look_into(std::string_view bytes, bool begins);
  Step break_off(std::string& to_client);
  bool withheld(wire::postgres::Header header, std::string_view whole, std::string& to_client);
  bool withhold_wrapping(wire::postgres::Header header, std::string_view body, std::string& to_client);
  bool withhold_completion(std::string_view whole, std::string& to_client);
  bool withhold_ready(std::string_view body, std::string& to_client);
  void fail_in_server();

  bool server_message(wire::postgres::Header header, std::string_view whole, std::string& to_client);
  bool answered(Kind kind);
  bool command_complete(std::string_view body);
  bool error(std::string_view whole, std::string& to_client);
  bool ready(std::string_view body);
  void copy_in_began();
  bool parameter_changed(std::string_view body);
  audit::Ticket put_on_record(AuditMoment moment, const Pending& pending);
  void finish_front();
  void finish_front_after_error();
  void drop_copy_ends();

  WorkerContext& worker_;
  SessionInfo session_;
  Parameters reported_;  ///< as the client was told
  const PoolMode mode_;
  Backend* backend_ = nullptr;
  bool standard_conforming_strings_;
  bool pinned_ = false;
  bool stale_ = false;
  bool unsynced_ = false;  ///< the server waits for a Sync: without a transaction block it is in one all the same
  bool terminated_ = false;
  bool fatal_seen_ = false;
  bool copying_in_ = false;
  bool skipping_ = false;  ///< after an error the server ignores everything up to the next Sync
  wire::postgres::TransactionState transaction_ = wire::postgres::TransactionState::idle;
  std::size_t pass_to_server_ = 0;    ///< bytes of a long message that still go by unread
  std::size_t drop_from_client_ = 0;  ///< bytes of a refused long message that still go nowhere
  std::size_t pass_to_client_ = 0;
  std::size_t drop_from_server_ = 0;  ///< of a result that a guard denied
  std::size_t withheld_bytes_ = 0;
  bool looking_ = false;  ///< into the long row that passes
  audit::Ticket result_awaits_ = 0;
  audit::Ticket execution_awaits_ = 0;
  std::deque<Pending> pending_;
  std::unordered_map<std::string, std::shared_ptr<const PreparedStatement>> prepared_;
  std::size_t prepared_bytes_ = 0;
  std::unordered_map<std::string, std::shared_ptr<const StatementRecord>> portals_;
  std::shared_ptr<const Protection> protection_;  ///< that the session's statements were examined under
  std::unique_ptr<ResultFilter> filter_;          ///< nullptr: nothing is kept from this role
  ResultFilter::Counts covered_;                  ///< of the statement that ends now
  std::optional<Refusal> withheld_;               ///< why a result may not pass
  std::size_t awaited_from_server_ = 0;
  bool definitions_changed_ = false;
  std::shared_ptr<const StatementRecord> bound_;  ///< the statement of the Bind that is dealt with, with its values
  std::unordered_map<std::string, std::shared_ptr<FollowedResult>> suspended_;  ///< by portal: more rows may be asked for
};

}  // namespace bulwark::database
