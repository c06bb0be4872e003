// A fast hash of attacker-chosen keys for in-memory tables: keyed with random numbers of this process, so that nobody outside
// can aim two keys at one slot. Not a cryptographic hash: never stored, never sent.
#pragma once

#include <cstdint>
#include <string_view>

namespace bulwark {

class KeyedHash {
 public:
  KeyedHash();  ///< fresh random keys
  std::uint64_t operator()(std::string_view bytes) const;
  /// A second, independent hash of the same bytes costs nothing more: `salt` tells kinds of keys apart.
  std::uint64_t operator()(std::string_view bytes, std::uint64_t salt) const;

 private:
  std::uint64_t keys_[3];
};

}  // namespace bulwark
