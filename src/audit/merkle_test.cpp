// The tree against its definition written out naively, all proofs of small trees, and the published log of another implementation.
#include "audit/merkle.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "audit/checkpoint.h"
#include "audit/files.h"

namespace bulwark::audit {
namespace {

constexpr std::uint64_t kSizes = 70;

/// MTH of RFC 6962 §2.1, word for word.
Hash naive_root(const std::vector<Hash>& leaves, std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return crypto::sha256("");
  if (end - begin == 1) return leaves[begin];
  std::uint64_t k = 1;
  while (2 * k < end - begin) k *= 2;
  return node_hash(naive_root(leaves, begin, begin + k), naive_root(leaves, begin + k, end));
}

std::vector<Hash> some_leaves(std::uint64_t count) {
  std::vector<Hash> leaves;
  for (std::uint64_t i = 0; i < count; ++i) leaves.push_back(leaf_hash("record " + std::to_string(i)));
  return leaves;
}

class Merkle : public testing::Test {
 protected:
  std::vector<Hash> leaves_ = some_leaves(kSizes);
  SubtreeRoot subtree_ = [this](std::uint64_t begin, std::uint64_t end) -> Result<Hash> { return naive_root(leaves_, begin, end); };
  Hash root(std::uint64_t size) const { return naive_root(leaves_, 0, size); }
};

TEST_F(Merkle, AFrontierHasTheRootOfItsDefinition) {
  Frontier tree;
  EXPECT_EQ(hex(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::uint64_t size = 1; size <= kSizes; ++size) {
    tree.append(leaves_[size - 1]);
    ASSERT_EQ(tree.root(), root(size)) << size;
    for (unsigned height = 1; height <= 5; ++height) {  // the same tree from whole subtrees and a rest
      Frontier parts;
      const std::uint64_t step = std::uint64_t{1} << height;
      const std::uint64_t whole = size / step * step;
      for (std::uint64_t at = 0; at < whole; at += step) parts.append_subtree(naive_root(leaves_, at, at + step), height);
      Frontier rest;
      for (std::uint64_t at = whole; at < size; ++at) rest.append(leaves_[at]);
      rest.append_to(parts);
      ASSERT_EQ(parts.root(), root(size)) << size << " of height " << height;
    }
  }
}

TEST_F(Merkle, EveryInclusionProofHoldsForItsRecordAlone) {
  for (std::uint64_t size = 1; size <= kSizes; ++size)
    for (std::uint64_t index = 0; index < size; ++index) {
      Proof proof = inclusion_proof(index, size, subtree_).value();
      ASSERT_TRUE(verify_inclusion(leaves_[index], index, size, proof, root(size)));
      ASSERT_FALSE(verify_inclusion(leaves_[(index + 1) % kSizes], index, size, proof, root(size)));
      ASSERT_FALSE(verify_inclusion(leaves_[index], index + 1, size, proof, root(size)));
      ASSERT_FALSE(verify_inclusion(leaves_[index], index, size, proof, root(size - 1)));
      proof.push_back(leaves_[0]);
      ASSERT_FALSE(verify_inclusion(leaves_[index], index, size, proof, root(size)));
    }
}

TEST_F(Merkle, EveryConsistencyProofHoldsForItsTwoSizes) {
  for (std::uint64_t size = 1; size <= kSizes; ++size)
    for (std::uint64_t old = 1; old <= size; ++old) {
      Proof proof = consistency_proof(old, size, subtree_).value();
      ASSERT_TRUE(verify_consistency(old, root(old), size, root(size), proof)) << old << " " << size;
      ASSERT_FALSE(verify_consistency(old, leaves_[0] == root(old) ? leaves_[1] : leaves_[0], size, root(size), proof));
      ASSERT_FALSE(verify_consistency(old, root(old), size, root(size + 1 > kSizes ? 1 : size + 1), proof)) << old << " " << size;
      if (proof.empty()) continue;
      proof.back()[0] ^= 1;
      ASSERT_FALSE(verify_consistency(old, root(old), size, root(size), proof));
    }
}

/// The fixture log of transparency-dev/tessera: 15 checkpoints, signed, over tiles of leaf hashes.
TEST(PublishedLog, CheckpointsAndTilesOfAnotherImplementationAgree) {
  const char* data = std::getenv("BULWARK_DATA");
  const std::string folder = std::string(data == nullptr ? "../shared/data" : data) + "/soc/tlog/testdata/log";
  if (!read_file(folder + "/checkpoint", kMaxNote).ok()) GTEST_SKIP() << "no " << folder << ": set BULWARK_DATA to the folder of data sets";
  const auto key = NoteVerifier::parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx").value();
  std::vector<std::pair<std::uint64_t, Hash>> roots;
  for (std::uint64_t size = 1; size <= 15; ++size) {
    const auto note = read_file(folder + "/checkpoint." + std::to_string(size), kMaxNote).value();
    const auto opened = key.open(note);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    ASSERT_EQ(opened->size, size);
    const auto tile = read_file(folder + "/tile/0/000.p/" + std::to_string(size), kMaxNote).value();
    ASSERT_EQ(tile.size(), size * sizeof(Hash));
    Frontier tree;
    for (std::uint64_t i = 0; i < size; ++i) {
      Hash leaf;
      std::copy_n(tile.data() + i * sizeof(Hash), sizeof(Hash), reinterpret_cast<char*>(leaf.data()));
      tree.append(leaf);
    }
    EXPECT_EQ(tree.root(), opened->root) << size;
  }
}

}  // namespace
}  // namespace bulwark::audit
