// Roots of full segments come from `roots`; only the segments that a proof goes through are read.
#include "audit/proof.h"

#include <fmt/core.h>

#include <charconv>
#include <map>

#include "audit/files.h"
#include "crypto/base64.h"

namespace bulwark::audit {
namespace {

constexpr std::size_t kMaxRoots = 32 * 1024 * 1024;
constexpr std::string_view kProofHeader = "c2sp.org/tlog-proof@v1\n";

/// The tree over the first `size` records.
class Tree {
 public:
  static Result<Tree> open(std::string directory) {
    Tree tree;
    tree.roots_ = read_file(directory + "/" + std::string(kRootsFile), kMaxRoots).value_or("");
    tree.directory_ = std::move(directory);
    return tree;
  }

  Result<Hash> root(std::uint64_t begin, std::uint64_t end) {
    Frontier tree;
    while (begin < end) {
      if (begin % kSegmentRecords == 0 && end - begin >= kSegmentRecords && known_root(begin)) {
        tree.append_subtree(*known_root(begin), kSegmentHeight);
        begin += kSegmentRecords;
        continue;
      }
      const std::vector<Hash>& leaves = *TRY(segment(begin / kSegmentRecords * kSegmentRecords));
      const std::uint64_t at = begin % kSegmentRecords;
      if (at >= leaves.size()) return client_error(Code::not_found, fmt::format("record {} is not in the log", begin));
      tree.append(leaves[at]);
      ++begin;
    }
    return tree.root();
  }

 private:
  std::optional<Hash> known_root(std::uint64_t first) const {
    const std::size_t place = first / kSegmentRecords * sizeof(Hash);
    if (roots_.size() < place + sizeof(Hash)) return std::nullopt;
    Hash root;
    std::copy_n(roots_.data() + place, sizeof(Hash), reinterpret_cast<char*>(root.data()));
    return root;
  }

  Result<const std::vector<Hash>*> segment(std::uint64_t first) {
    const auto [found, fresh] = leaves_.try_emplace(first);
    if (!fresh) return &found->second;
    SegmentReader reader = TRY(SegmentReader::open(directory_, first));
    Frame frame;
    while (TRY(reader.next(frame)) == FrameStatus::whole)
      if (frame.kind == FrameKind::record) found->second.push_back(frame.hash);
    return &found->second;
  }

  std::string directory_;
  std::string roots_;
  std::map<std::uint64_t, std::vector<Hash>> leaves_;
};

}  // namespace

Result<Record> find_record(const std::string& directory, std::uint64_t number) {
  auto reader = SegmentReader::open(directory, number / kSegmentRecords * kSegmentRecords);
  if (!reader.ok()) return client_error(Code::not_found, fmt::format("record {} is not in the log", number));
  Hash previous = reader->header().previous;
  Frame frame;
  while (TRY(reader->next(frame)) == FrameStatus::whole) {
    if (frame.kind != FrameKind::record) continue;
    if (frame.number == number) return Record{number, entry(number, previous, frame.body), std::string(frame.body)};
    previous = frame.hash;
  }
  return client_error(Code::not_found, fmt::format("record {} is not in the log", number));
}

Result<std::string> prove_inclusion(const std::string& directory, std::uint64_t number, const NoteVerifier& key) {
  const std::string note = TRY(read_file(directory + "/" + std::string(kCheckpointFile), kMaxNote));
  const Checkpoint newest = TRY(key.open(note));
  if (number >= newest.size)
    return client_error(Code::not_found, fmt::format("the newest checkpoint covers {} records; {} is not among them", newest.size, number));
  Tree tree = TRY(Tree::open(directory));
  const Proof proof = TRY(inclusion_proof(number, newest.size, [&](auto begin, auto end) { return tree.root(begin, end); }));
  const Record record = TRY(find_record(directory, number));
  if (!verify_inclusion(leaf_hash(record.entry), number, newest.size, proof, newest.root))
    return internal_error(Code::corrupt,
                          fmt::format("record {} is not what was signed; `bulwark audit verify` says where the log was changed", number));
  std::string text = fmt::format("{}index {}\n", kProofHeader, number);
  for (const Hash& each : proof) text.append(crypto::base64(crypto::as_bytes(each))).append("\n");
  return text.append("\n").append(note);
}

Result<std::uint64_t> check_inclusion(std::string_view text, std::string_view entry, const NoteVerifier& key) {
  const Error malformed = client_error(Code::invalid, "not an inclusion proof");
  constexpr std::string_view kIndex = "index ";
  const auto blank = text.find("\n\n");
  if (text.size() > 2 * kMaxNote || blank == std::string_view::npos || !text.starts_with(kProofHeader)) return malformed;
  std::string_view lines = text.substr(kProofHeader.size(), blank + 1 - kProofHeader.size());
  const auto next = [&] {
    const auto end = lines.find('\n');
    const auto line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    return line;
  };
  if (!lines.starts_with(kIndex)) return malformed;
  const auto number = next().substr(kIndex.size());
  std::uint64_t index = 0;
  const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), index);
  if (failed != std::errc() || end != number.data() + number.size()) return malformed;
  Proof proof;
  while (!lines.empty()) {
    const auto hash = crypto::base64_decode(next());
    if (!hash.ok() || hash->size() != sizeof(Hash) || proof.size() == kMaxProof) return malformed;
    std::copy(hash->begin(), hash->end(), reinterpret_cast<char*>(proof.emplace_back().data()));
  }
  const Checkpoint at = TRY(key.open(text.substr(blank + 2)));
  if (!verify_inclusion(leaf_hash(entry), index, at.size, proof, at.root))
    return client_error(Code::denied, "the proof does not hold for this record");
  return index;
}

Result<Proof> prove_consistency(const std::string& directory, std::uint64_t old_size, std::uint64_t size) {
  if (old_size > size) return client_error(Code::invalid, "the older size is the larger one");
  Tree tree = TRY(Tree::open(directory));
  return consistency_proof(old_size, size, [&](auto begin, auto end) { return tree.root(begin, end); });
}

}  // namespace bulwark::audit
