// The one secret that everything at rest is encrypted under: a file that only its owner may read, or a configured value.
// Nothing is encrypted with it directly; every file gets a key of its own, derived with HKDF-SHA-256 (RFC 5869).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::crypto {

/// 32 bytes that are wiped when they go.
class Key {
 public:
  static constexpr std::size_t kBytes = 32;

  Key() = default;
  ~Key();
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;

  std::array<std::uint8_t, kBytes> bytes{};
};

class MasterKey {
 public:
  static constexpr std::size_t kMinSecretBytes = 32;
  static constexpr std::size_t kMaxSecretBytes = 4096;

  /// Reads `path`; makes it (mode 0600, from the kernel's CSPRNG, on disk before it returns) when it is missing.
  /// Errors: `denied` when others may read it; `corrupt` when it is not 64 hex digits; `io`.
  static Result<MasterKey> load_or_create(const std::string& path);
  /// From a configured secret of at least kMinSecretBytes bytes. Errors: config/invalid.
  static Result<MasterKey> from_secret(std::string_view secret);

  /// The key for one purpose ("events.db"); the same for the same purpose, independent of all others.
  Key derive(std::string_view purpose) const;

 private:
  Key key_;
};

}  // namespace bulwark::crypto
