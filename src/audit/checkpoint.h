// What is signed about a log: its name, its size and its root, as a C2SP checkpoint (https://c2sp.org/tlog-checkpoint) in a signed
// note (https://c2sp.org/signed-note), so that any tool that knows these can check ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/merkle.h"
#include "base/result.h"
#include "crypto/jose.h"
#include "crypto/signing_key.h"

namespace bulwark::audit {

inline constexpr std::size_t kMaxNote = 16 * 1024;
inline constexpr std::size_t kMaxSignatures = 16;
inline constexpr std::size_t kMaxOrigin = 255;

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
};

/// Whether `origin` may name a log and its key: not empty, printable, no white space and no '+'.
bool valid_origin(std::string_view origin);

/// A signed note over the checkpoint, by the key that carries the log's name.
std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key);

/// A name with its public key: "<name>+<key id, 8 hex digits>+<base64 of 1 ‖ public key>".
class NoteVerifier {
 public:
  static Result<NoteVerifier> parse(std::string_view text);
  static NoteVerifier of(std::string_view origin, const crypto::SigningKey& key);

  const std::string& text() const { return text_; }
  const std::string& name() const { return name_; }
  /// The checkpoint, if the note has a good signature by this key and its origin is this name.
  /// Errors, origin client: `invalid` for what is no checkpoint, `denied` for a missing or wrong signature or another origin.
  Result<Checkpoint> open(std::string_view note) const;

 private:
  NoteVerifier(std::string name, std::string public_key, crypto::VerifyKey key);
  std::string name_;
  std::string id_;  ///< four bytes
  std::string text_;
  crypto::VerifyKey key_;
};

std::string hex(const Hash& hash);

}  // namespace bulwark::audit
