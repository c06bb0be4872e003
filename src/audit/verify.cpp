// One pass over all segments: numbers and chain say which record, roots and signatures say that even a consistent rewriting is one.
#include "audit/verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "audit/files.h"

namespace bulwark::audit {
namespace {

constexpr std::size_t kMaxRoots = 32 * 1024 * 1024;
constexpr std::uint64_t kFarthest = std::uint64_t{1} << 48;  // no log has such numbers: what claims them is damage

/// A root that some checkpoint vouches for, to be compared when the scan gets there.
struct Claim {
  Checkpoint at;
  std::string name;
};

class Scan {
 public:
  Scan(std::string directory, const NoteVerifier& key) : directory_(std::move(directory)), key_(key) {}

  Result<Report> run(const std::vector<Anchor>& anchors) {
    const auto segments = TRY(list_segments(directory_));
    read_claims(anchors);
    roots_ = read_file(directory_ + "/" + std::string(kRootsFile), kMaxRoots).value_or("");
    if (!segments.empty()) begin_at(segments.front());
    for (std::size_t i = 0; i < segments.size(); ++i) segment(segments[i], i + 1 == segments.size());
    finish();
    return std::move(report_);
  }

 private:
  void problem(std::optional<std::uint64_t> record, std::string_view file, std::string what) {
    if (report_.problems.size() < Report::kMaxProblems) report_.problems.push_back({record, std::string(file), std::move(what)});
  }

  void claim(const std::string& name, std::string_view note) {
    auto opened = key_.open(note);
    if (!opened.ok()) return problem(std::nullopt, name, "the checkpoint is not good: " + opened.error().message);
    claims_.push_back({*std::move(opened), name});
  }

  void read_claims(const std::vector<Anchor>& anchors) {
    const auto own = read_file(directory_ + "/" + std::string(kCheckpointFile), kMaxNote);
    if (own.ok())
      claim(std::string(kCheckpointFile), *own);
    else
      checkpoint_missing_ = true;
    for (const auto& anchor : anchors) claim(anchor.name, anchor.note);
    std::sort(claims_.begin(), claims_.end(), [](const Claim& a, const Claim& b) { return a.at.size < b.at.size; });
  }

  /// Segments before the first one were pruned, which a later record has to say; their roots still count.
  void begin_at(std::uint64_t first) {
    report_.first = report_.records = first;
    for (std::uint64_t at = 0; at < first; at += kSegmentRecords) append_root(at);
    while (!claims_.empty() && next_claim_ < claims_.size() && claims_[next_claim_].at.size < first) ++next_claim_;
  }

  void append_root(std::uint64_t first) {
    const std::size_t place = first / kSegmentRecords * sizeof(Hash);
    if (roots_.size() < place + sizeof(Hash)) {
      tree_known_ = false;
      return problem(first, kRootsFile, fmt::format("has no root for the records from {} on", first));
    }
    Hash root;
    std::copy_n(roots_.data() + place, sizeof(Hash), reinterpret_cast<char*>(root.data()));
    if (tree_known_) tree_.append_subtree(root, kSegmentHeight);
  }

  void segment(std::uint64_t first, bool last) {
    auto opened = SegmentReader::open(directory_, first);
    if (!opened.ok()) {
      if (last && first == report_.records) return report_.notes.push_back(opened.error().message);
      return problem(first, segment_name(first), opened.error().message);
    }
    SegmentReader& reader = *opened;
    if (first > report_.records)
      missing(report_.records, first,
              "the file " + segment_name(report_.records / kSegmentRecords * kSegmentRecords) + " is gone or cut short");
    if (reader.header().first != first) problem(first, reader.name(), "has the header of another segment: renamed");
    if (previous_known_ && reader.header().previous != previous_) problem(first, reader.name(), "its header does not continue the chain");
    if (!previous_known_) previous_ = reader.header().previous;
    previous_known_ = true;
    report_.records = std::max(report_.records, first);
    segment_tree_ = Frontier();
    frames(reader, last);
    if (!last && segment_tree_.size() == kSegmentRecords) compare_root(first);
  }

  void frames(SegmentReader& reader, bool last) {
    Frame frame;
    for (;;) {
      const std::uint64_t at = reader.offset();
      const auto status = reader.next(frame);
      if (!status.ok()) return problem(report_.records, reader.name(), status.error().message);
      const bool torn = last && *status == FrameStatus::whole && reader.offset() > reader.written() && !holds(frame);
      if (*status == FrameStatus::whole && frame.number < kFarthest && !torn) {
        file_ = reader.name();
        if (frame.kind == FrameKind::record)
          record(frame);
        else
          checkpoint(frame);
        continue;
      }
      if (*status != FrameStatus::whole && reader.at_end()) return;
      if (!resynchronise(reader, at, last)) return;
    }
  }

  /// Behind bytes that are no frame: the next place where one stands whole. False: there is none.
  bool resynchronise(SegmentReader& reader, std::uint64_t at, bool last) {
    reader.skip(at - reader.offset());
    Frame frame;
    for (std::size_t skipped = 1; skipped <= 2 * kMaxFrame && !reader.at_end(); ++skipped) {
      reader.skip(1);
      const std::uint64_t here = reader.offset();
      const auto status = reader.next(frame);
      reader.skip(here - reader.offset());
      if (!status.ok()) break;
      if (*status != FrameStatus::whole || !plausible(frame)) continue;
      problem(report_.records, reader.name(),
              fmt::format("the {} bytes at {} cannot be read: record {} or its length was changed", skipped, at, report_.records));
      gap_ = true;
      return true;
    }
    if (last)
      report_.notes.push_back(
          fmt::format("{}: {} bytes behind record {} are no whole record; a kill leaves that, and the next start cuts it off",
                      reader.name(), reader.written() - at, report_.records));
    else
      problem(report_.records, reader.name(), fmt::format("cannot be read from byte {} on", at));
    return false;
  }

  /// Not of one that was being written while the file was opened.
  bool holds(const Frame& frame) const {
    return frame.hash == (frame.kind == FrameKind::record ? record_hash(frame.number, previous_, frame.body) : note_hash(frame.body));
  }

  bool plausible(const Frame& frame) const {
    if (frame.number + 1 < report_.records || frame.number > report_.records + kSegmentRecords) return false;
    return frame.kind == FrameKind::record || frame.hash == note_hash(frame.body);
  }

  void missing(std::uint64_t from, std::uint64_t to, const std::string& why) {
    gap_ = true;
    tree_known_ = false;
    problem(from, file_,
            to - from == 1 ? fmt::format("record {} is missing: {}", from, why)
                           : fmt::format("the records {} to {} are missing: {}", from, to - 1, why));
  }

  void record(Frame frame) {
    const std::uint64_t expected = report_.records;
    if (frame.number != expected && record_hash(expected, previous_, frame.body) == frame.hash) {
      problem(expected, file_, fmt::format("the number of record {} was changed to {}", expected, frame.number));
      frame.number = expected;
    }
    if (frame.number > expected && !gap_)
      missing(
          expected, frame.number,
          fmt::format("record {} follows {}", frame.number, expected == 0 ? "the beginning" : "record " + std::to_string(expected - 1)));
    if (frame.number < expected) {
      tree_known_ = false;
      gap_ = true;
      return problem(frame.number, file_, fmt::format("record {} stands behind record {}: moved or repeated", frame.number, expected - 1));
    }
    check_chain(frame);
    if (frame.number != expected) tree_known_ = false;
    append(frame.hash);
    report_.records = frame.number + 1;
    previous_ = frame.hash;
    gap_ = false;
    note_pruning(frame.body);
    compare_claims();
  }

  void check_chain(const Frame& frame) {
    const Hash computed = record_hash(frame.number, previous_, frame.body);
    if (computed == frame.hash) {
      recomputed_.reset();
      return;
    }
    // The record before may have had its hash changed and nothing else: then this one still fits what that hash should be.
    if (recomputed_ && record_hash(frame.number, *recomputed_, frame.body) == frame.hash) {
      recomputed_.reset();
      return;
    }
    recomputed_ = computed;
    if (!gap_) problem(frame.number, file_, fmt::format("record {} does not match its hash: it, or its hash, was changed", frame.number));
  }

  void append(const Hash& leaf) {
    segment_tree_.append(leaf);
    if (tree_known_) tree_.append(leaf);
  }

  /// A pruning is believed only from a record; the chain and the roots vouch for that.
  void note_pruning(std::string_view body) {
    constexpr std::string_view kPruned = R"({"kind":"pruned","before":)";
    if (!body.starts_with(kPruned)) return;
    body.remove_prefix(kPruned.size());
    std::uint64_t before = 0;
    std::from_chars(body.data(), body.data() + body.size(), before);
    pruned_before_ = std::max(pruned_before_, before);
  }

  void checkpoint(const Frame& frame) {
    const std::string name = fmt::format("the checkpoint behind record {}", report_.records == 0 ? 0 : report_.records - 1);
    if (frame.hash != note_hash(frame.body)) return problem(report_.records, file_, name + " does not match its hash: it was changed");
    const auto opened = key_.open(frame.body);
    if (!opened.ok()) return problem(report_.records, file_, name + " is forged or was changed: " + opened.error().message);
    if (opened->size < report_.records)
      return problem(opened->size, file_,
                     fmt::format("{} covers {} records only: records were added before it, or it was moved", name, opened->size));
    if (opened->size > report_.records) {
      missing(report_.records, opened->size, "a checkpoint covers them");
      report_.records = opened->size;
      return;
    }
    ++report_.checkpoints;
    compare(*opened, name);
  }

  void compare_claims() {
    for (; next_claim_ < claims_.size() && claims_[next_claim_].at.size <= report_.records; ++next_claim_) {
      const Claim& claim = claims_[next_claim_];
      if (claim.at.size == report_.records) compare(claim.at, claim.name);
    }
  }

  void compare(const Checkpoint& at, const std::string& name) {
    if (!tree_known_) return;
    if (tree_.root() == at.root) {
      report_.signed_size = std::max(report_.signed_size, at.size);
      return;
    }
    tree_known_ = false;
    problem(report_.signed_size, file_,
            fmt::format("the records {} to {} do not give the root that {} has signed: rewritten, hashes and all", report_.signed_size,
                        at.size - 1, name));
  }

  void compare_root(std::uint64_t first) {
    const std::size_t place = first / kSegmentRecords * sizeof(Hash);
    const Hash root = segment_tree_.root();
    if (roots_.size() < place + sizeof(Hash) || std::string_view(roots_).substr(place, sizeof(Hash)) != crypto::as_bytes(root))
      problem(first, kRootsFile, fmt::format("the root of {} is not what its records give", segment_name(first)));
  }

  void finish() {
    if (report_.first > pruned_before_)
      problem(0, segment_name(0),
              fmt::format("the records 0 to {} are missing, and no record says that they were pruned", report_.first - 1));
    if (checkpoint_missing_ && report_.records > 0) problem(std::nullopt, kCheckpointFile, "is missing");
    if (!claims_.empty() && claims_.back().at.size > report_.records) {
      const Claim& newest = claims_.back();
      problem(report_.records, file_,
              fmt::format("the records {} to {} are missing: {} has signed {}; the end was cut off", report_.records, newest.at.size - 1,
                          newest.name, newest.at.size));
    }
    if (report_.records > report_.signed_size && report_.sound())
      report_.notes.push_back(fmt::format("the last {} records are not under a checkpoint yet", report_.records - report_.signed_size));
  }

  std::string directory_;
  const NoteVerifier& key_;
  Report report_;
  std::string roots_;
  std::vector<Claim> claims_;
  std::size_t next_claim_ = 0;
  bool checkpoint_missing_ = false;
  std::string file_;
  Frontier tree_;
  Frontier segment_tree_;
  bool tree_known_ = true;  ///< every leaf so far is in tree_
  bool gap_ = false;        ///< something between the last record and here was named already
  bool previous_known_ = false;
  Hash previous_{};
  std::optional<Hash> recomputed_;  ///< what the hash of the last record should be, if that was named
  std::uint64_t pruned_before_ = 0;
};

}  // namespace

Result<Report> verify(const std::string& directory, const NoteVerifier& key, const std::vector<Anchor>& anchors) {
  return Scan(directory, key).run(anchors);
}

}  // namespace bulwark::audit
