// Advice on the database behind the gateway: what its roles may do and never do, how they log in, and which of its settings are weaker
// than they need to be. Reads the server's catalogues once with the role of `verifiers_from`, the learned allow-list, and what was recorded
// of statements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "database/settings.h"
#include "database/statement_list.h"

namespace bulwark::database {

enum class Weight : std::uint8_t { notice, high };

struct Advice {
  Weight weight = Weight::notice;
  std::string text;
};

struct Review {
  std::vector<Advice> findings;
  std::vector<std::string> revokes;        ///< REVOKE statements, one a line
  std::vector<std::string> unknown_roles;  ///< roles whose statements could not all be understood: nothing of theirs is revoked
};

/// What a role does, by the shapes that were learned.
struct LearnedUse {
  std::string role;
  std::string table;  ///< without schema: the search path is not known here
  std::uint8_t access = 0;
};
struct LearnedUses {
  std::vector<LearnedUse> uses;
  std::vector<std::string> unknown_roles;
  std::vector<ListedShape> concatenated;  ///< shapes that hold strings
};
LearnedUses learned_uses(const std::vector<ListedShape>& list);

/// A shape as a statement that can be parsed again: literals are put back, drawn-together lists have one element.
std::string restored(std::string_view shape);

/// `audit_directory`: where the gateway's audit log is; empty: none is kept. Errors: config when `verifiers_from` is missing, upstream when
/// the server cannot be asked, io when the log cannot be read.
Result<Review> review(const Settings& settings, const std::string& audit_directory);

}  // namespace bulwark::database
