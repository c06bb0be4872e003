#include "console/live.h"

#include <gtest/gtest.h>

#include "console/test_browser.h"

namespace bulwark::console {
namespace {

constexpr WallTime kSecond = 1'000'000'000;
constexpr WallTime kStart = 1'700'000'000 * kSecond;

events::Event event_of(events::Plane plane, events::Disposition disposition) {
  events::Event event;
  event.time = kStart;
  event.plane = plane;
  event.disposition = disposition;
  event.duration_us = 1000;
  return event;
}

class LiveTest : public ::testing::Test {
 protected:
  std::shared_ptr<Waiter> watch(std::function<bool()> alive = [] { return true; }) {
    auto stream = std::make_shared<Waiter>();
    EXPECT_TRUE(live_.add(stream, {}, std::move(alive)));
    return stream;
  }
  Live live_{LiveSources{.gateway = [] { return gateway::Counters{.requests = 7}; }, .entries_in_force = {}, .open_incidents = {}}};
};

TEST_F(LiveTest, CountsASecondByPlaneAndOutcome) {
  live_.on_tick(kStart);
  const auto stream = watch();
  live_.on_event(event_of(events::Plane::edge, events::Disposition::allowed));
  live_.on_event(event_of(events::Plane::edge, events::Disposition::allowed));
  live_.on_event(event_of(events::Plane::edge, events::Disposition::blocked));
  live_.on_event(event_of(events::Plane::database, events::Disposition::error));
  live_.on_tick(kStart + kSecond / 2);
  EXPECT_EQ(stream->wait().body.find("event: second"), std::string::npos) << "the second is not over";
  live_.on_tick(kStart + kSecond);
  const auto body = stream->wait().body;
  EXPECT_NE(body.find(R"("at":1700000000,"planes":[[2,1,0,0],[0,0,0,0],[0,0,0,0],[0,0,0,0],[0,0,1,0])"), std::string::npos) << body;
  EXPECT_NE(body.find("\"requests\":7"), std::string::npos);
}

TEST_F(LiveTest, AFailedConnectionIsNoFailedRequest) {
  live_.on_tick(kStart);
  const auto stream = watch();
  auto handshake = event_of(events::Plane::edge, events::Disposition::error);
  handshake.event_class = events::Class::network_activity;
  live_.on_event(handshake);
  live_.on_tick(kStart + kSecond);
  EXPECT_NE(stream->wait().body.find("[[0,0,0,1]"), std::string::npos);
}

TEST_F(LiveTest, HistoryFillsTheSecondsNobodyCounted) {
  live_.on_tick(kStart);
  live_.on_event(event_of(events::Plane::edge, events::Disposition::allowed));
  live_.on_tick(kStart + 3 * kSecond);
  const auto body = watch()->wait().body;
  for (const auto* at : {"1700000000", "1700000001", "1700000002"}) EXPECT_NE(body.find(at), std::string::npos) << at;
}

TEST_F(LiveTest, HistoryIsBoundedOverALongPause) {
  live_.on_tick(kStart);
  live_.on_tick(kStart + 1'000'000 * kSecond);
  const auto body = watch()->wait().body;
  std::size_t seconds = 0;
  for (auto at = body.find("\"at\":"); at != body.npos; at = body.find("\"at\":", at + 1)) ++seconds;
  EXPECT_LE(seconds, Live::kHistorySeconds);
}

TEST_F(LiveTest, AFloodShowsAFewOfEachSecond) {
  live_.on_tick(kStart);
  const auto stream = watch();
  for (int i = 0; i < 10'000; ++i) live_.on_event(event_of(events::Plane::waf, events::Disposition::blocked));
  live_.on_tick(kStart + kSecond);
  const auto body = stream->wait().body;
  std::size_t shown = 0;
  for (auto at = body.find("\"disposition\""); at != body.npos; at = body.find("\"disposition\"", at + 1)) ++shown;
  EXPECT_EQ(shown, Live::kNotablePerSecond);
  EXPECT_NE(body.find("[0,10000,0,0]"), std::string::npos) << "but all are counted";
}

TEST_F(LiveTest, StreamsEndWithTheirSessionAndWithTheirClient) {
  live_.on_tick(kStart);
  bool signed_in = true;
  const auto one = watch([&] { return signed_in; });
  const auto two = watch();
  live_.on_tick(kStart + kSecond);
  EXPECT_FALSE(one->ended);
  signed_in = false;
  two->open = false;
  live_.on_tick(kStart + 2 * kSecond);
  EXPECT_TRUE(one->ended);
  EXPECT_TRUE(two->ended);
}

TEST_F(LiveTest, StreamsAreBounded) {
  for (std::size_t i = 0; i < Live::kMaxStreams; ++i) watch();
  EXPECT_FALSE(live_.add(std::make_shared<Waiter>(), {}, [] { return true; }));
}

}  // namespace
}  // namespace bulwark::console
