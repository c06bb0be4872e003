// The event encoding: round trips, cuts, and refusal of every damaged form.
#include "events/codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "events/crc32c.h"
#include "events/samples.h"

namespace bulwark::events {
namespace {

std::vector<std::uint8_t> encoded(const Event& event) {
  std::vector<std::uint8_t> bytes(encoded_size(event));
  encode(event, bytes.data());
  return bytes;
}

TEST(EventCodec, GivesBackWhatItWasGiven) {
  Samples samples;
  for (int i = 0; i < 100; ++i) {
    const Event event = i % 2 == 0 ? samples.access(1000 + i) : samples.attack(-5 - i);
    const auto bytes = encoded(event);
    EXPECT_TRUE(same(decode(bytes).value(), event));
  }
}

TEST(EventCodec, CutsLongTextsAtACharacterAndReplacesALongDetail) {
  Event event;
  const std::string message = std::string(Event::kMaxText - 1, 'a') + "\xc3\xa4";  // the limit falls inside "ä"
  const std::string detail = "{\"a\":\"" + std::string(Event::kMaxDetail, 'b') + "\"}";
  event.message = message;
  event.detail = detail;
  const auto bytes = encoded(event);
  EXPECT_LE(bytes.size(), kMaxEncoded);
  const Event back = decode(bytes).value();
  EXPECT_EQ(back.message, std::string(Event::kMaxText - 1, 'a'));
  EXPECT_EQ(back.detail, "{\"cut_bytes\":" + std::to_string(detail.size()) + "}");
}

TEST(EventCodec, RefusesAnyCutAndAnyUnknownEnum) {
  Samples samples;
  auto bytes = encoded(samples.attack(1));
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode(std::span(bytes).first(size)).ok()) << size;
  bytes.push_back(0);
  EXPECT_FALSE(decode(bytes).ok());
  bytes.pop_back();
  for (const std::size_t at : {76U, 83U, 84U, 85U}) {  // class, severity, disposition, plane
    auto damaged = bytes;
    damaged[at] = 0xee;
    EXPECT_FALSE(decode(damaged).ok()) << at;
  }
}

TEST(Crc32c, AgreesWithTheStandardAndItsPortableTwin) {
  EXPECT_EQ(crc32c("123456789", 9), 0xe3069283U);  // RFC 3720 §B.4's check value
  std::mt19937 random(3);
  std::vector<std::uint8_t> data(1000);
  for (auto& byte : data) byte = static_cast<std::uint8_t>(random());
  for (std::size_t size = 0; size < data.size(); size += 7) {
    EXPECT_EQ(crc32c(data.data(), size), crc32c_portable(data.data(), size));
    EXPECT_EQ(crc32c(data.data() + size / 2, size - size / 2, crc32c(data.data(), size / 2)), crc32c(data.data(), size));
  }
}

}  // namespace
}  // namespace bulwark::events
