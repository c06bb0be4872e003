// The specification's own examples, line ends of all kinds, and the same answer for every split into chunks.
#include "wire/sse/sse.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace bulwark::sse {
namespace {

std::string describe(const Item& item) {
  if (item.kind == Item::Kind::comment) return ":" + std::string(item.data);
  std::string text = std::string(item.type) + "|" + std::string(item.data);
  if (item.has_id) text += "|id=" + std::string(item.id);
  if (!item.retry.empty()) text += "|retry=" + std::string(item.retry);
  return text;
}

std::vector<std::string> decode(const std::vector<std::string_view>& chunks) {
  Decoder decoder;
  std::vector<std::string> all;
  Item item;
  for (std::string_view chunk : chunks) {
    decoder.push(chunk);
    while (decoder.next(item).value()) all.push_back(describe(item));
  }
  decoder.finish();
  while (decoder.next(item).value()) all.push_back(describe(item));
  return all;
}

using Strings = std::vector<std::string>;

TEST(Sse, ReadsTheExamplesOfTheSpecification) {
  EXPECT_EQ(decode({"data: YHOO\ndata: +2\ndata: 10\n\n"}), (Strings{"|YHOO\n+2\n10"}));
  EXPECT_EQ(decode({": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"}),
            (Strings{":test stream", "|first event|id=1", "|second event|id=", "| third event"}));
  EXPECT_EQ(decode({"data\n\ndata\ndata\n\ndata:"}), (Strings{"|", "|\n", "|"}));
  EXPECT_EQ(decode({"data:test\n\ndata: test\n\n"}), (Strings{"|test", "|test"}));
}

TEST(Sse, TakesEveryLineEndAndOneByteOrderMark) {
  EXPECT_EQ(decode({"\xEF\xBB\xBF"
                    "event: a\r\ndata: 1\r\rdata: 2\n\n"}),
            (Strings{"a|1", "|2"}));
  EXPECT_EQ(decode({"data: 1\r", "\n\r", "\ndata: 2\r\n\r\n"}), (Strings{"|1", "|2"}));
}

TEST(Sse, HandsOutAnEventWithoutItsBlankLineAtTheEnd) { EXPECT_EQ(decode({"data: 1\n\ndata: cut"}), (Strings{"|1", "|cut"})); }

TEST(Sse, IgnoresWhatItDoesNotKnow) {
  EXPECT_EQ(decode({std::string_view("foo: bar\nid: a\0b\nretry: 12x\nretry: 300\nevent: x\n\nevent: y\n\n", 60)}),
            (Strings{"x||retry=300"}));
}

TEST(Sse, RefusesAnEndlessEventAndAnEndlessLine) {
  Decoder decoder(64);
  Item item;
  decoder.push("data: " + std::string(100, 'x'));
  EXPECT_EQ(decoder.next(item).error().code, Code::too_large);
  Decoder many(64);
  for (int i = 0; i < 20; ++i) many.push("data: 0123456789\n");
  EXPECT_EQ(many.next(item).error().code, Code::too_large);
}

TEST(Sse, EverySplitGivesTheSameItemsAndTheEncoderRoundTrips) {
  const std::string stream =
      "\xEF\xBB\xBF: hi\r\n\r\nevent: delta\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\nid: 7\rdata: \xC3\xA9\r\rretry: 10\ndata\n\ndata: [DONE]\n\n";
  const Strings whole = decode({stream});
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string_view> chunks;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 9, stream.size() - at);
      chunks.push_back(std::string_view(stream).substr(at, size));
      at += size;
    }
    ASSERT_EQ(decode(chunks), whole);
  }
  Decoder decoder;
  decoder.push(stream);
  Item item;
  std::string again;
  while (decoder.next(item).value()) append(again, item);
  EXPECT_EQ(decode({again}), whole);
}

}  // namespace
}  // namespace bulwark::sse
