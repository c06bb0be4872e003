// Prepared statements of sessions that share connections: a client's name for a statement means nothing to a connection, where each
// text is prepared once under a name of its own that no client can guess.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "database/examiner.h"
#include "wire/postgres/message.h"

namespace bulwark::database {

/// What a client's Parse said. Text and name are empty where connections are not shared.
struct PreparedStatement {
  std::shared_ptr<const StatementRecord> record;
  std::string name;  ///< on connections; empty: the unnamed statement
  std::string rest;  ///< of the Parse message after the name: the text and the parameters' types

  /// `named`: gets a name by which every connection knows this text. Wants the body of a well-formed Parse message.
  static std::shared_ptr<const PreparedStatement> shared(std::shared_ptr<const StatementRecord> record, std::string_view parse_body,
                                                         bool named);
};

/// The names that begin so are ours; a client's reference to one is not passed on.
inline constexpr std::string_view kSharedNamePrefix = "bulwark_";

/// Which statements one connection knows, the least recently used first to go.
class KnownStatements {
 public:
  static constexpr std::size_t kMax = 500;  ///< of one connection

  /// Counts as a use.
  bool knows(const std::shared_ptr<const PreparedStatement>& statement);
  /// It was sent. Returns the name that has to be closed to make room for it, or an empty one.
  std::string add(const std::shared_ptr<const PreparedStatement>& statement);
  /// It was not prepared after all.
  void remove(const PreparedStatement& statement);
  /// A Close of this name was not obeyed.
  void restore(const std::string& name);
  void forget_unnamed() { unnamed_.reset(); }
  void clear();
  std::size_t size() const { return index_.size(); }

 private:
  std::shared_ptr<const PreparedStatement> unnamed_;
  std::list<std::string> order_;                                                  ///< the last used first
  std::unordered_map<std::string_view, std::list<std::string>::iterator> index_;  ///< views into `order_`
};

}  // namespace bulwark::database
