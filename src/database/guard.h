// One check of the query path: a guard looks at a parsed statement and lets it pass or denies it. A guard is one file in
// guards/, its test beside it, and one line in apps/bulwark/query_path.cpp that says why it stands there.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "database/result_check.h"
#include "events/event.h"
#include "trace/in_flight.h"

namespace bulwark::database {

class ParsedStatement;  // parsed_statement.h: our bounded view of libpg_query's tree

/// Who runs the statement, and where.
struct SessionInfo {
  std::string user;
  std::string database;
  std::string application;
  Endpoint client;
};

struct Statement {
  std::string_view text;                    ///< as sent
  const ParsedStatement* parsed = nullptr;  ///< nullptr never: an unparsable statement is denied before the guards
  const SessionInfo* session = nullptr;
  /// The request this statement belongs to, or every request that it may belong to.
  std::span<const std::shared_ptr<const trace::Context>> requests;
  bool request_is_exact = false;  ///< found by trace id
  bool requests_cut_off = false;  ///< there are more requests that it may belong to than are looked at
  /// The numbers, from 1, of parameters whose values a guard wants to see when they are bound. nullptr: there will be none.
  std::vector<std::uint32_t>* watched = nullptr;
};

/// Values bound to a statement that was let through: of the parameters that a guard asked for.
struct Binding {
  struct Value {
    std::string_view bytes;
    bool binary = false;
  };
  const SessionInfo* session = nullptr;
  std::vector<Value> values;  ///< but for NULL
  std::span<const std::shared_ptr<const trace::Context>> requests;
  bool requests_cut_off = false;
};

enum class Verdict : std::uint8_t { pass, deny };

struct Finding {
  std::string_view guard;  ///< static storage
  std::string rule;        ///< "database.taint"
  events::Severity severity = events::Severity::high;
  std::string message;             ///< for people; literals redacted
  std::string sqlstate = "42501";  ///< what the client gets on denial
};

struct GuardInfo {
  std::string_view name;
  bool fail_open = false;   ///< what an Error of the guard means; visible as an event either way
  bool follows = false;     ///< asked whether it follows results
  bool everybodys = false;  ///< asked about the statements of exempt roles too
};

/// Immutable after construction and shared by all workers.
class Guard {
 public:
  virtual ~Guard() = default;
  virtual const GuardInfo& info() const = 0;
  /// Appends to `findings` whatever it noticed, also when it lets the statement pass.
  virtual Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const = 0;
  /// Of statements with watched parameters, each time before they run.
  virtual Result<Verdict> bound(const Binding& /*binding*/, std::vector<Finding>& /*findings*/) const { return Verdict::pass; }
  /// How it follows the result of this run; nullptr: it does not. What it learns outlives the run in the guard.
  virtual std::unique_ptr<ResultCheck> follow(const Execution& /*execution*/) const { return nullptr; }
};

}  // namespace bulwark::database
