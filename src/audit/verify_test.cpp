// Seeded tampering: each way of changing a log is found, and named by its record.
#include "audit/verify.h"

#include <map>
#include <random>

#include "audit/log_fixture.h"

namespace bulwark::audit {
namespace {

constexpr std::uint64_t kRuns = 4;
constexpr std::uint64_t kRecords = 25;  // of each run, with a checkpoint behind

class Tampering : public LogFixture {
 protected:
  Tampering() {
    for (std::uint64_t run = 0; run < kRuns; ++run) write(kRecords);
    whole_ = read(name_);
    std::string_view rest = std::string_view(whole_).substr(kSegmentHeaderBytes);
    for (Frame frame; read_frame(rest, frame) == FrameStatus::whole; rest.remove_prefix(frame.bytes))
      frames_.push_back({frame, whole_.size() - rest.size()});
  }

  struct Place {
    Frame frame;
    std::size_t at;
  };
  /// The frame of record `number`.
  const Place& record(std::uint64_t number) const {
    return *std::find_if(frames_.begin(), frames_.end(),
                         [&](const Place& each) { return each.frame.kind == FrameKind::record && each.frame.number == number; });
  }
  std::string_view bytes(const Place& place) const { return std::string_view(whole_).substr(place.at, place.frame.bytes); }

  /// What verify() says once the segment holds `content`; the first problem must concern `record`.
  void expect_named(std::string_view content, std::uint64_t record, std::string_view word, const std::vector<Anchor>& anchors = {}) {
    overwrite(name_, content);
    const Report report = check(anchors);
    ASSERT_FALSE(report.sound()) << word << " at record " << record;
    EXPECT_EQ(report.problems.front().record, record) << report.problems.front().what;
    EXPECT_NE(report.problems.front().what.find(word), std::string::npos) << report.problems.front().what;
  }

  /// All records from `number` on chained anew, as somebody without the signing key would; the old checkpoints between them.
  std::string rewritten(std::uint64_t number, std::string_view new_body) const {
    std::string out(whole_, 0, kSegmentHeaderBytes);
    Hash previous{};
    for (const Place& each : frames_) {
      if (each.frame.kind == FrameKind::checkpoint) {
        out.append(bytes(each));
        continue;
      }
      const std::string_view content = each.frame.number == number ? new_body : each.frame.body;
      previous = record_hash(each.frame.number, previous, content);
      write_frame(out, FrameKind::record, each.frame.number, content, previous);
    }
    return out;
  }

  const std::string name_ = segment_name(0);
  std::string whole_;
  std::vector<Place> frames_;
};

TEST_F(Tampering, NothingIsFoundWhereNothingWasChanged) {
  const Report report = check();
  EXPECT_TRUE(report.sound());
  EXPECT_TRUE(report.notes.empty());
  EXPECT_EQ(report.records, kRuns * kRecords);
}

TEST_F(Tampering, EveryByteOfARecordCounts) {
  const Place& victim = record(42);
  for (std::size_t i = 0; i < victim.frame.bytes; ++i) {
    std::string changed = whole_;
    changed[victim.at + i] = static_cast<char>(changed[victim.at + i] ^ 1);
    overwrite(name_, changed);
    const Report report = check();
    ASSERT_FALSE(report.sound()) << "byte " << i;
    EXPECT_EQ(report.problems.front().record, 42U) << "byte " << i << ": " << report.problems.front().what;
    EXPECT_LE(report.problems.size(), 4U) << "byte " << i;
  }
}

TEST_F(Tampering, EveryByteOfTheFileCounts) {
  std::mt19937 random(5);
  for (int round = 0; round < 400; ++round) {
    std::string changed = whole_;
    const std::size_t at = random() % changed.size();
    changed[at] = static_cast<char>(changed[at] ^ 1 << random() % 8);
    overwrite(name_, changed);
    ASSERT_FALSE(check().sound()) << "byte " << at;
  }
}

TEST_F(Tampering, AMissingRecordIsNamed) {
  for (const std::uint64_t number : {0, 7, 24, 25, 60, 99}) {
    std::string changed = whole_;
    changed.erase(record(number).at, record(number).frame.bytes);
    expect_named(changed, number, "missing");
  }
}

TEST_F(Tampering, AMovedOrRepeatedRecordIsNamed) {
  const std::size_t at = record(10).at;
  const std::size_t length = record(10).frame.bytes + record(11).frame.bytes;
  std::string swapped = whole_;
  swapped.replace(at, length, std::string(bytes(record(11))) + std::string(bytes(record(10))));
  expect_named(swapped, 10, "missing");
  EXPECT_NE(check().problems[1].what.find("record 10 stands behind record 11"), std::string::npos) << check().problems[1].what;
  std::string repeated = whole_;
  repeated.insert(record(12).at, bytes(record(11)));
  expect_named(repeated, 11, "moved or repeated");
}

TEST_F(Tampering, AnAddedRecordIsNamed) {
  std::string forged;
  write_frame(forged, FrameKind::record, 50, "forged", record_hash(50, record(49).frame.hash, "forged"));
  std::string changed = whole_;
  changed.insert(record(50).at, forged);
  expect_named(changed, 50, "");
}

TEST_F(Tampering, AConsistentRewritingContradictsTheSignatures) {
  for (const std::uint64_t number : {0, 30, 99}) {
    overwrite(name_, rewritten(number, R"({"kind":"statement","n":"changed"})"));
    const Report report = check();
    ASSERT_FALSE(report.sound());
    EXPECT_EQ(report.problems.front().record, number / kRecords * kRecords) << report.problems.front().what;
    EXPECT_NE(report.problems.front().what.find("rewritten"), std::string::npos);
  }
}

TEST_F(Tampering, ACutEndIsNamedByTheCheckpoint) {
  for (const std::uint64_t number : {1, 50, 99}) expect_named(std::string_view(whole_).substr(0, record(number).at), number, "missing");
}

TEST_F(Tampering, ACutEndWithItsCheckpointIsNamedByTheWitness) {
  const std::string newest = read("checkpoint");
  const Place& older =
      *std::find_if(frames_.begin(), frames_.end(), [](const Place& each) { return each.frame.kind == FrameKind::checkpoint; });
  overwrite("checkpoint", older.frame.body);
  overwrite(name_, std::string_view(whole_).substr(0, older.at + older.frame.bytes));
  EXPECT_TRUE(check().sound()) << "the limit of what a log can say about itself";
  const Report report = check({{"the witness", newest}});
  ASSERT_FALSE(report.sound());
  EXPECT_EQ(report.problems.front().record, kRecords);
  EXPECT_NE(report.problems.front().what.find("the witness"), std::string::npos);
}

TEST_F(Tampering, AForgedKeyIsNamed) {
  const auto forger = key(9);
  overwrite("checkpoint", sign_checkpoint({settings_.origin, kRuns * kRecords, crypto::sha256("x")}, forger));
  Report report = check();
  ASSERT_FALSE(report.sound());
  EXPECT_EQ(report.problems.front().file, "checkpoint");
  EXPECT_NE(report.problems.front().what.find("no signature by"), std::string::npos) << report.problems.front().what;
  // The whole log signed anew by another key.
  std::filesystem::remove_all(settings_.directory);
  auto log = Log::open(settings_, key(9)).value();
  log->start();
  ASSERT_TRUE(log->append(body(0), false).ok());
  log->stop();
  report = check();
  ASSERT_FALSE(report.sound());
}

TEST_F(Tampering, AReplacedOrRemovedCheckpointIsNamed) {
  const Place& first =
      *std::find_if(frames_.begin(), frames_.end(), [](const Place& each) { return each.frame.kind == FrameKind::checkpoint; });
  std::string moved = whole_;
  moved.insert(record(60).at, bytes(first));
  expect_named(moved, kRecords, "covers 25 records only");
  overwrite(name_, whole_);
  std::filesystem::remove(path("checkpoint"));
  EXPECT_EQ(check().problems.front().file, "checkpoint");
}

TEST_F(Tampering, MissingAndRenamedSegmentsAreNamed) {
  write(2 * kSegmentRecords);
  ASSERT_TRUE(check().sound());
  const std::string middle = segment_name(kSegmentRecords);
  const std::string kept = read(middle);
  std::filesystem::remove(path(middle));
  EXPECT_EQ(check().problems.front().record, kSegmentRecords) << check().problems.front().what;
  overwrite(middle, whole_);
  EXPECT_FALSE(check().sound());
  overwrite(middle, kept);
  ASSERT_TRUE(check().sound());
  std::string roots = read("roots");
  roots[3] ^= 1;
  overwrite("roots", roots);
  EXPECT_EQ(check().problems.front().file, "roots");
  roots[3] ^= 1;
  overwrite("roots", roots);
  std::filesystem::remove(path(segment_name(0)));
  const Report report = check();
  ASSERT_FALSE(report.sound());
  EXPECT_NE(report.problems.back().what.find("no record says that they were pruned"), std::string::npos) << report.problems.back().what;
}

TEST_F(Tampering, AHalfWrittenEndIsANoteAndNoChange) {
  overwrite(name_, whole_ + "half");
  const Report report = check();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.notes.size(), 1U);
}

}  // namespace
}  // namespace bulwark::audit
