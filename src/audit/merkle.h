// The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1): what a signed root commits to, and the proofs that a record is under it or that
// one root grew out of another.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/token.h"

namespace bulwark::audit {

using Hash = crypto::Digest;
using Proof = std::vector<Hash>;

inline constexpr std::size_t kMaxProof = 64;  ///< hashes: the height of the largest tree

Hash leaf_hash(std::string_view entry);               ///< SHA-256(0 ‖ entry)
Hash node_hash(const Hash& left, const Hash& right);  ///< SHA-256(1 ‖ left ‖ right)

/// A tree that only grows, kept as the roots of its complete subtrees: at most 64 hashes, whatever its size.
class Frontier {
 public:
  void append(const Hash& leaf) { append_subtree(leaf, 0); }
  /// Appends 2^height leaves by the root over them; the size must be a multiple of that.
  void append_subtree(const Hash& root, unsigned height);
  /// Appends these leaves behind those of `other`, whose size must be a multiple of the largest subtree here.
  void append_to(Frontier& other) const;
  std::uint64_t size() const { return size_; }
  Hash root() const;  ///< of the empty tree: SHA-256 of nothing

 private:
  std::vector<Hash> peaks_;  ///< largest first
  std::uint64_t size_ = 0;
};

/// The root over the leaves [begin, end) of a tree; asked only for what RFC 6962 §2.1 calls D[begin:end].
using SubtreeRoot = std::function<Result<Hash>(std::uint64_t begin, std::uint64_t end)>;

/// RFC 6962 §2.1.1, for leaf `index` in the tree of `size` leaves; index < size.
Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, const SubtreeRoot& subtree);
/// RFC 6962 §2.1.2, between the trees of `old_size` and `size` leaves; old_size ≤ size.
Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, const SubtreeRoot& subtree);

/// RFC 9162 §2.1.3.2.
bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, const Proof& proof, const Hash& root);
/// RFC 9162 §2.1.4.2.
bool verify_consistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t size, const Hash& root, const Proof& proof);

}  // namespace bulwark::audit
