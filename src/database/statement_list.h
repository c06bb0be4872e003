// The learned list of statements as a file: read, compared with what somebody signed, and signed. docs/formats/allow-list.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/signing_key.h"

namespace bulwark::database {

inline constexpr std::size_t kMaxLearnedShapes = 100'000;

struct ListedShape {
  std::string fingerprint;  ///< 64 hexadecimal digits
  std::string role;
  std::string shape;  ///< for people; may be cut
  std::string key() const { return fingerprint + "\t" + role; }
};

/// Errors: config, naming file and line, for what is no list; also for a file that cannot be read.
Result<std::vector<ListedShape>> parse_statement_list(std::string_view text, const std::string& name);
Result<std::vector<ListedShape>> read_statement_list(const std::string& file);

struct ListDifference {
  std::vector<ListedShape> added;
  std::vector<ListedShape> removed;
};
ListDifference compare(const std::vector<ListedShape>& before, const std::vector<ListedShape>& after);

/// The copy that somebody vouched for: "<file>.signed".
std::string signed_copy(const std::string& file);

/// Writes the signed copy whole: its first line names date, signer, public key and signature, the rest is the list as it is.
Result<void> sign_statement_list(const std::string& file, const crypto::SigningKey& key, std::string_view by, std::string_view date);

/// Reads the signed copy. `keys`: public keys in hexadecimal digits, one of which must have signed it.
/// Errors: config for a missing, changed or foreign signature.
Result<std::vector<ListedShape>> read_signed_list(const std::string& file, const std::vector<std::string>& keys);

}  // namespace bulwark::database
