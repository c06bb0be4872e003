// Times as text, against what the C library makes of them.
#include "base/clock.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <random>

namespace bulwark {
namespace {

/// The same by gmtime_r(3) and printf.
std::string by_library(WallTime time) {
  std::time_t seconds = time / 1'000'000'000;
  auto nanos = time % 1'000'000'000;
  if (nanos < 0) {
    nanos += 1'000'000'000;
    --seconds;
  }
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(nanos / 1'000'000));
  return text;
}

TEST(Rfc3339, KnownTimes) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(951'827'696'789'000'000), "2000-02-29T12:34:56.789Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Rfc3339, AsTheLibraryWritesThem) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    const auto time = static_cast<WallTime>(random());  // from 1677 to 2262
    ASSERT_EQ(to_rfc3339(time), by_library(time)) << time;
  }
}

}  // namespace
}  // namespace bulwark
