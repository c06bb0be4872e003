// What is appended is there, in order, signed, and stays so over restarts, full segments, torn tails and disks that take no more.
#include "audit/log.h"

#include <signal.h>
#include <sys/resource.h>

#include <future>
#include <thread>

#include "audit/log_fixture.h"
#include "audit/proof.h"

namespace bulwark::audit {
namespace {

class AuditLog : public LogFixture {};

TEST_F(AuditLog, KeepsRecordsOverRestarts) {
  for (int run = 0; run < 3; ++run) write(10);
  const Report report = check();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.records, 30U);
  EXPECT_EQ(report.signed_size, 30U);
  EXPECT_EQ(report.checkpoints, 3U);
  for (std::uint64_t i = 0; i < 30; ++i) EXPECT_EQ(find_record(settings_.directory, i).value().body, body(i % 10));
}

TEST_F(AuditLog, AnswersWhatIsAwaitedFromManyThreads) {
  auto log = Log::open(settings_, key()).value();
  std::promise<void> changed;
  log->start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&log, t] {
      for (std::uint64_t i = 0; i < 50; ++i) {
        const Ticket ticket = log->append(body(static_cast<std::uint64_t>(t) * 1000 + i), true).value();
        while (log->durable() < ticket) std::this_thread::yield();
      }
    });
  for (auto& each : threads) each.join();
  log->stop();
  EXPECT_FALSE(log->append(body(0), true).ok());
  const Report report = check();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.records, 200U);
}

TEST_F(AuditLog, GoesOnInANewSegmentAndProvesAcrossThem) {
  write(kSegmentRecords + 100);
  write(100);
  const Report report = check();
  EXPECT_TRUE(report.sound());
  EXPECT_EQ(report.records, kSegmentRecords + 200);
  EXPECT_TRUE(std::filesystem::exists(path(segment_name(kSegmentRecords))));
  for (const std::uint64_t number : {std::uint64_t{0}, kSegmentRecords - 1, kSegmentRecords, kSegmentRecords + 199}) {
    const std::string proof = prove_inclusion(settings_.directory, number, verifier()).value();
    const Record record = find_record(settings_.directory, number).value();
    EXPECT_EQ(check_inclusion(proof, record.entry, verifier()).value(), number);
    EXPECT_FALSE(check_inclusion(proof, record.entry + " ", verifier()).ok());
  }
  EXPECT_FALSE(prove_inclusion(settings_.directory, kSegmentRecords + 200, verifier()).ok());
}

TEST_F(AuditLog, OneSizeGrowsOutOfAnother) {
  write(100);
  const Checkpoint before = verifier().open(read("checkpoint")).value();
  write(kSegmentRecords);
  const Checkpoint after = verifier().open(read("checkpoint")).value();
  const Proof proof = prove_consistency(settings_.directory, before.size, after.size).value();
  EXPECT_TRUE(verify_consistency(before.size, before.root, after.size, after.root, proof));
}

TEST_F(AuditLog, PrunesWholeSegmentsOnRecord) {
  settings_.max_bytes = 8 * 1024 * 1024;
  write(2 * kSegmentRecords + 10);
  EXPECT_FALSE(std::filesystem::exists(path(segment_name(0))));
  Report report = check();
  EXPECT_TRUE(report.sound()) << report.problems.front().what;
  EXPECT_EQ(report.first, kSegmentRecords);
  EXPECT_EQ(report.signed_size, report.records);
  write(10);
  EXPECT_TRUE(check().sound());
}

/// A kill leaves any prefix of what was being written, a power loss also zeros behind it.
TEST_F(AuditLog, CutsATornTailOffAndKeepsIt) {
  write(20);
  const std::string whole = read(segment_name(0));
  std::string tail;
  write_frame(tail, FrameKind::record, 20, "half", Hash{});
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{40}, tail.size()}) {
    overwrite(segment_name(0), whole + tail.substr(0, bytes));
    auto log = Log::open(settings_, key());
    ASSERT_TRUE(log.ok()) << log.error().message;
    EXPECT_EQ((*log)->recovery().records, 20U);
    EXPECT_EQ((*log)->recovery().cut_bytes, bytes);
    EXPECT_EQ(read_file((*log)->recovery().cut_file, kMaxFrame).value(), tail.substr(0, bytes));
    EXPECT_EQ(read(segment_name(0)), whole);
  }
  overwrite(segment_name(0), whole + std::string(5000, '\0'));
  EXPECT_EQ(Log::open(settings_, key()).value()->recovery().cut_bytes, 0U) << "zeroed ahead: nothing was lost";
  EXPECT_EQ(read(segment_name(0)), whole);
  write(5);
  EXPECT_TRUE(check().sound());
}

/// While it is written, and after a kill, zeros stand behind the last record: that is no damage, wherever blocks and hashes end.
TEST_F(AuditLog, IsSoundWhileItIsWrittenAndAfterAKill) {
  const std::string live = settings_.directory;
  const std::string copy = (folder_ / "killed").string();
  auto log = Log::open(settings_, key()).value();
  log->start();
  for (std::uint64_t i = 0; i < 400; ++i) {
    const Ticket ticket = log->append(body(i), true).value();
    while (log->durable() < ticket) std::this_thread::yield();
    if (i % 10 != 0) continue;
    settings_.directory = live;
    while (!std::filesystem::exists(live + "/" + std::string(kCheckpointFile)))
      std::this_thread::yield();  // the first is signed within a second
    const Report now = check();
    ASSERT_TRUE(now.sound()) << now.problems.front().what;
    ASSERT_EQ(now.records, i + 1);
    std::filesystem::remove_all(copy);
    std::filesystem::copy(live, copy);
    settings_.directory = copy;
    auto again = Log::open(settings_, key());
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ((*again)->recovery().records, i + 1);
    EXPECT_EQ((*again)->recovery().cut_bytes, 0U);
  }
  log->stop();
  settings_.directory = live;
  const std::string whole = read(segment_name(0));
  std::string_view rest = std::string_view(whole).substr(kSegmentHeaderBytes);
  for (Frame frame; read_frame(rest, frame) == FrameStatus::whole;) rest.remove_prefix(frame.bytes);
  EXPECT_TRUE(rest.empty()) << "a stop in good order leaves no zeros";
  EXPECT_EQ(check().records, 400U);
}

TEST_F(AuditLog, RefusesToGoOnFromWhatIsNotWhatWasSigned) {
  write(20);
  const std::string whole = read(segment_name(0));
  const auto refused = [&] { return Log::open(settings_, key()).error().code; };
  std::string edited = whole;
  edited[kSegmentHeaderBytes + kFrameHeaderBytes + 5] ^= 1;
  overwrite(segment_name(0), edited);
  EXPECT_EQ(refused(), Code::corrupt);
  EXPECT_EQ(read(segment_name(0)), edited) << "evidence must stay";
  overwrite(segment_name(0), std::string_view(whole).substr(0, whole.size() / 2));
  EXPECT_EQ(refused(), Code::corrupt);
  std::filesystem::remove(path(segment_name(0)));
  EXPECT_EQ(refused(), Code::corrupt);
  overwrite(segment_name(0), whole);
  EXPECT_EQ(Log::open(settings_, key(2)).error().code, Code::corrupt) << "another key";
  EXPECT_TRUE(Log::open(settings_, key()).ok());
}

/// Records that no checkpoint covers yet are not cut off either when they were changed and not torn.
TEST_F(AuditLog, AnEditedRecordBehindTheLastCheckpointIsNoTornTail) {
  write(20);
  std::string whole = read(segment_name(0));
  Hash previous = crypto::sha256("");
  Frame frame;
  for (std::string_view rest = std::string_view(whole).substr(kSegmentHeaderBytes); read_frame(rest, frame) == FrameStatus::whole;
       rest.remove_prefix(frame.bytes))
    if (frame.kind == FrameKind::record) previous = frame.hash;
  const std::size_t first = whole.size();
  for (std::uint64_t number = 20; number < 22; ++number) {
    const Hash hash = record_hash(number, previous, body(number));
    write_frame(whole, FrameKind::record, number, body(number), hash);
    previous = hash;
  }
  std::string edited = whole;
  edited[first + kFrameHeaderBytes + 3] ^= 1;
  overwrite(segment_name(0), edited);
  EXPECT_EQ(Log::open(settings_, key()).error().code, Code::corrupt);
  EXPECT_EQ(read(segment_name(0)), edited);
  overwrite(segment_name(0), whole);
  EXPECT_EQ(Log::open(settings_, key()).value()->recovery().records, 22U);
}

TEST_F(AuditLog, HasOneWriter) {
  auto log = Log::open(settings_, key()).value();
  EXPECT_EQ(Log::open(settings_, key()).error().code, Code::conflict);
}

TEST_F(AuditLog, PutsEachCheckpointWhereTheWitnessIs) {
  settings_.witness_file = (folder_ / "witness").string();
  write(3);
  EXPECT_EQ(read_file(settings_.witness_file, kMaxNote).value(), read("checkpoint"));
}

TEST_F(AuditLog, SaysThatTheDiskTakesNoMoreAndLosesNothingItTook) {
  signal(SIGXFSZ, SIG_IGN);
  auto log = Log::open(settings_, key()).value();
  std::atomic<int> failures{0};
  log->listen([&] {
    if (log->failing()) ++failures;
  });
  log->start();
  const Ticket before = log->append(body(0), true).value();
  while (log->durable() < before) std::this_thread::yield();
  rlimit usual{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &usual), 0);
  rlimit tight = usual;
  tight.rlim_cur = 1024;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  std::uint64_t taken = 1;
  const std::string big = R"({"filler":")" + std::string(kMaxBody - 20, 'x') + "\"}";
  auto refused = log->append(big, true);
  for (; refused.ok(); refused = log->append(big, true)) ASSERT_LE(++taken, 2 * Log::kMaxWaiting / kMaxBody + 10);
  EXPECT_EQ(refused.error().code, Code::exhausted);
  while (failures == 0) std::this_thread::yield();
  EXPECT_TRUE(log->failing());
  EXPECT_FALSE(log->trouble().empty());
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &usual), 0);
  while (log->durable() < taken) std::this_thread::yield();
  EXPECT_FALSE(log->failing());
  log->stop();
  const Report report = check();
  EXPECT_TRUE(report.sound()) << report.problems.front().what;
  EXPECT_EQ(report.records, taken + 1);  // and one that says how many were lost
  bool told = false;
  for (std::uint64_t i = 0; i < report.records; ++i)
    told |= find_record(settings_.directory, i).value().body == R"({"kind":"lost","records":1})";
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace bulwark::audit
