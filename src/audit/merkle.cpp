// Hashing and the two proofs, written as the RFCs define them.
#include "audit/merkle.h"

#include <bit>
#include <string>

namespace bulwark::audit {
namespace {

/// The largest power of two below `size`; size ≥ 2.
std::uint64_t split(std::uint64_t size) { return std::bit_floor(size - 1); }

Result<void> path(std::uint64_t index, std::uint64_t begin, std::uint64_t end, const SubtreeRoot& subtree, Proof& proof) {
  if (end - begin == 1) return {};
  const std::uint64_t middle = begin + split(end - begin);
  if (index < middle) {
    TRY(path(index, begin, middle, subtree, proof));
    proof.push_back(TRY(subtree(middle, end)));
  } else {
    TRY(path(index, middle, end, subtree, proof));
    proof.push_back(TRY(subtree(begin, middle)));
  }
  return {};
}

/// SUBPROOF of RFC 6962 §2.1.2; `known`: the old tree's own root is this subtree's.
Result<void> subproof(std::uint64_t old_size, std::uint64_t begin, std::uint64_t end, bool known, const SubtreeRoot& subtree,
                      Proof& proof) {
  if (old_size == end - begin) {
    if (!known) proof.push_back(TRY(subtree(begin, end)));
    return {};
  }
  const std::uint64_t left = split(end - begin);
  if (old_size <= left) {
    TRY(subproof(old_size, begin, begin + left, known, subtree, proof));
    proof.push_back(TRY(subtree(begin + left, end)));
  } else {
    TRY(subproof(old_size - left, begin + left, end, false, subtree, proof));
    proof.push_back(TRY(subtree(begin, begin + left)));
  }
  return {};
}

}  // namespace

Hash leaf_hash(std::string_view entry) {
  thread_local std::string bytes;
  bytes.assign(1, '\0').append(entry);
  return crypto::sha256(bytes);
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<char, 1 + 2 * sizeof(Hash)> bytes;
  bytes[0] = 1;
  std::copy(left.begin(), left.end(), bytes.begin() + 1);
  std::copy(right.begin(), right.end(), bytes.begin() + 1 + sizeof(Hash));
  return crypto::sha256({bytes.data(), bytes.size()});
}

void Frontier::append_subtree(const Hash& root, unsigned height) {
  CHECK(size_ % (std::uint64_t{1} << height) == 0);
  Hash top = root;
  // Each set bit of the size, from this height on, is a finished subtree of the same size to join with.
  for (unsigned bit = height; (size_ >> bit & 1) != 0; ++bit) {
    top = node_hash(peaks_.back(), top);
    peaks_.pop_back();
  }
  peaks_.push_back(top);
  size_ += std::uint64_t{1} << height;
}

void Frontier::append_to(Frontier& other) const {
  unsigned bit = 64;
  for (const Hash& peak : peaks_) {
    do --bit;
    while ((size_ >> bit & 1) == 0);
    other.append_subtree(peak, bit);
  }
}

Hash Frontier::root() const {
  if (peaks_.empty()) return crypto::sha256("");
  Hash root = peaks_.back();
  for (auto peak = peaks_.rbegin() + 1; peak != peaks_.rend(); ++peak) root = node_hash(*peak, root);
  return root;
}

Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, const SubtreeRoot& subtree) {
  CHECK(index < size);
  Proof proof;
  TRY(path(index, 0, size, subtree, proof));
  return proof;
}

Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, const SubtreeRoot& subtree) {
  CHECK(old_size <= size);
  Proof proof;
  if (old_size > 0) TRY(subproof(old_size, 0, size, true, subtree, proof));
  return proof;
}

bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size, const Proof& proof, const Hash& root) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t size, const Hash& root, const Proof& proof) {
  if (old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (old_size == 0) return proof.empty();
  Proof path = proof;
  if (std::has_single_bit(old_size)) path.insert(path.begin(), old_root);
  if (path.empty()) return false;
  std::uint64_t node = old_size - 1;
  std::uint64_t last = size - 1;
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  Hash before = path.front();
  Hash after = path.front();
  for (auto sibling = path.begin() + 1; sibling != path.end(); ++sibling) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      before = node_hash(*sibling, before);
      after = node_hash(*sibling, after);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      after = node_hash(after, *sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && before == old_root && after == root;
}

}  // namespace bulwark::audit
