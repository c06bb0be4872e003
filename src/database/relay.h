// The messages of a logged-in session, both ways: statements are examined before they pass, answers are matched to them. A refused
// statement is replaced by one that PostgreSQL cannot parse, so that the server itself fails the transaction and skips to the next
// Sync exactly as the protocol demands; only its error is exchanged for ours. A state machine over bytes, without I/O.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "database/buffer.h"
#include "database/examiner.h"
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
};

class Relay {
 public:
  static constexpr std::size_t kMaxPending = 4096;       ///< answers awaited; more statements wait in the client's socket
  static constexpr std::size_t kMaxPrepared = 10'000;    ///< statements and portals of a session
  static constexpr std::size_t kHighWater = 256 * 1024;  ///< bytes for one side, beyond which nothing more is read from the other

  Relay(WorkerContext& worker, SessionInfo session, bool standard_conforming_strings)
      : worker_(worker), session_(std::move(session)), standard_conforming_strings_(standard_conforming_strings) {}

  enum class Step : std::uint8_t {
    wait,   ///< for more bytes, or for room
    close,  ///< end the session once the client has got what is in its buffer
  };
  /// Deals with as much of `in` as there is room for.
  Step from_client(Buffer& in, std::string& to_server, std::string& to_client);
  Step from_server(Buffer& in, std::string& to_client);

  /// The server is gone: records what was still awaited.
  void server_lost();
  bool idle() const { return pending_.empty() && transaction_ == wire::postgres::TransactionState::idle; }
  bool terminated() const { return terminated_; }       ///< the client said goodbye
  bool server_said_why() const { return fatal_seen_; }  ///< the server sent a FATAL error: nothing is to be added
  const SessionInfo& session() const { return session_; }

 private:
  enum class Kind : std::uint8_t { query, parse, bind, describe, execute, close, sync, copy_end };
  /// A message of the client whose answer has not come.
  struct Pending {
    Kind kind;
    std::shared_ptr<const StatementRecord> record;
    MonoTime began{};
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t rows = 0;
    std::string sqlstate;
  };

  Step client_message(wire::postgres::Header header, std::string_view whole, std::string& to_server, std::string& to_client);
  Step query(std::string_view body, std::string_view whole, std::string& to_server, std::string& to_client);
  Step parse(std::string_view body, std::string_view whole, std::string& to_server, std::string& to_client);
  Step bind(std::string_view body);
  Step execute(std::string_view body);
  Step close_target(std::string_view body);
  Step oversized(wire::postgres::Header header, std::string& to_server);
  Step violation(std::string& to_client, std::string_view message);
  Step end_session(const StatementRecord& record, std::string& to_client);
  std::shared_ptr<const StatementRecord> examine(std::string_view sql);
  void await(Kind kind, std::shared_ptr<const StatementRecord> record = nullptr, std::uint64_t bytes = 0);

  bool server_message(wire::postgres::Header header, std::string_view whole, std::string& to_client);
  bool answered(Kind kind);
  bool command_complete(std::string_view body);
  bool error(std::string_view whole, std::string& to_client);
  bool ready(std::string_view body);
  void copy_in_began();
  bool parameter_changed(std::string_view body);
  void finish_front();
  void finish_front_after_error();
  void drop_copy_ends();

  WorkerContext& worker_;
  SessionInfo session_;
  bool standard_conforming_strings_;
  bool terminated_ = false;
  bool fatal_seen_ = false;
  bool copying_in_ = false;
  bool skipping_ = false;  ///< after an error the server ignores everything up to the next Sync
  wire::postgres::TransactionState transaction_ = wire::postgres::TransactionState::idle;
  std::size_t pass_to_server_ = 0;    ///< bytes of a long message that still go by unread
  std::size_t drop_from_client_ = 0;  ///< bytes of a refused long message that still go nowhere
  std::size_t pass_to_client_ = 0;
  std::deque<Pending> pending_;
  std::unordered_map<std::string, std::shared_ptr<const StatementRecord>> prepared_;
  std::unordered_map<std::string, std::shared_ptr<const StatementRecord>> portals_;
};

}  // namespace bulwark::database
