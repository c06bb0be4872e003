// Proofs about single records, for somebody who has a checkpoint and not the log: C2SP's text form of an inclusion proof
// (https://c2sp.org/tlog-proof), and consistency between two sizes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/checkpoint.h"

namespace bulwark::audit {

/// One record as it stands in the log.
struct Record {
  std::uint64_t number = 0;
  std::string entry;  ///< what the tree has: number ‖ previous hash ‖ body
  std::string body;
};
/// Errors, origin client: `not_found`.
Result<Record> find_record(const std::string& directory, std::uint64_t number);

/// That record `number` is under the newest checkpoint. Errors: `not_found` when it is not, or not yet.
Result<std::string> prove_inclusion(const std::string& directory, std::uint64_t number, const NoteVerifier& key);
/// The record's number, if the proof and its checkpoint are good for `entry`.
Result<std::uint64_t> check_inclusion(std::string_view proof, std::string_view entry, const NoteVerifier& key);

/// That the log of `size` records began with the log of `old_size`.
Result<Proof> prove_consistency(const std::string& directory, std::uint64_t old_size, std::uint64_t size);

}  // namespace bulwark::audit
