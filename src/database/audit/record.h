// One statement as the audit log has it: JSON of at most audit::kMaxBody bytes (docs/formats/audit.md).
#pragma once

#include <string>

#include "base/clock.h"
#include "database/examiner.h"
#include "database/statement_log.h"

namespace bulwark::database {

enum class AuditMoment : std::uint8_t {
  opened,    ///< about to run, or the first of its result is about to pass
  finished,  ///< its answer is complete, or it was refused
};

/// Replaces `out`.
void write_audit_record(std::string& out, AuditMoment moment, const SessionInfo& session, const StatementRecord& record,
                        const Outcome& outcome, WallTime now);

}  // namespace bulwark::database
