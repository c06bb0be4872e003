// Columnar batches: round trips, selections, and damage.
#include "events/embedded/batch.h"

#include <gtest/gtest.h>

#include "events/samples.h"

namespace bulwark::events::embedded {
namespace {

class BatchTest : public testing::Test {
 protected:
  BatchTest() {
    for (EventId i = 0; i < 300; ++i) {
      events_.push_back(samples_.access(i % 7 == 0 ? -static_cast<WallTime>(i) : static_cast<WallTime>(i * 1'000'000'007)));
      builder_.add(10 + i * i, events_.back());
    }
    plain_ = builder_.plain();
  }
  Samples samples_;
  std::vector<Event> events_;
  BatchBuilder builder_;
  Bytes plain_;
};

TEST_F(BatchTest, GivesBackEveryEventWithItsId) {
  const auto read = read_batch(plain_).value();
  ASSERT_EQ(read.size(), events_.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].id, 10 + i * i);
    EXPECT_TRUE(same(read[i].event, events_[i])) << i;
  }
  EXPECT_EQ(builder_.first_id(), 10U);
  EXPECT_EQ(builder_.last_id(), 10U + 299 * 299);
}

TEST_F(BatchTest, SelectsBySourceAndTraceAsAFilterAfterwardsWould) {
  for (const std::size_t at : {0UL, 150UL, 299UL}) {
    const auto by_source = read_batch(plain_, {.source = events_[at].source, .trace = {}}).value();
    std::vector<const Event*> expected;
    for (const Event& event : events_)
      if (event.source == events_[at].source) expected.push_back(&event);
    ASSERT_EQ(by_source.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(same(by_source[i].event, *expected[i]));
    const auto by_trace = read_batch(plain_, {.source = {}, .trace = events_[at].trace}).value();
    ASSERT_EQ(by_trace.size(), 1U);
    EXPECT_TRUE(same(by_trace[0].event, events_[at]));
    EXPECT_EQ(by_trace[0].id, 10 + at * at);
  }
  EXPECT_TRUE(read_batch(plain_, {.source = {}, .trace = TraceId::random()}).value().empty());
}

TEST_F(BatchTest, RefusesEveryCutAndSurvivesEveryFlippedByte) {
  for (std::size_t size = 0; size < plain_.size(); size += 97) EXPECT_FALSE(read_batch(ByteView(plain_).first(size)).ok()) << size;
  for (std::size_t at = 0; at < plain_.size(); at += 41) {
    auto damaged = plain_;
    damaged[at] ^= 0xff;
    (void)read_batch(damaged).ok();  // an answer or an Error, never a crash: ASan watches
  }
}

}  // namespace
}  // namespace bulwark::events::embedded
