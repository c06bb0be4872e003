// What a guard sees of the result of a statement that it let through: how many rows come, and their bytes.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace bulwark::database {

struct Finding;
struct SessionInfo;
struct StatementRecord;
enum class Verdict : std::uint8_t;

/// One run of a statement.
struct Execution {
  const StatementRecord& record;
  const SessionInfo& session;
};

/// Follows the result of one run, for no longer than its guard lives. After a denial nothing more of it reaches the client, which gets an
/// error, and what was written is taken back unless the server has committed it.
class ResultCheck {
 public:
  static constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

  virtual ~ResultCheck() = default;
  /// Whether a denial is possible: nothing that follows is sent to the server then before the result is complete.
  virtual bool may_deny() const = 0;
  /// It has nothing to say to so many rows sent or written.
  virtual std::uint64_t most_rows() const { return kAny; }
  /// There are more than most_rows(). Called once.
  virtual Verdict too_many(std::vector<Finding>& findings);
  virtual bool wants_bytes() const { return false; }
  /// Bytes of a row with its fields' lengths as the protocol has them, or of a line of COPY; `begins`: its first.
  virtual Verdict bytes(std::string_view piece, bool begins, std::vector<Finding>& findings);
  /// The result was complete, and nobody denied it.
  virtual void complete(std::uint64_t /*rows*/) {}
};

}  // namespace bulwark::database
