// Chunked bodies: decoding, every way to be malformed, and indifference to how the bytes are cut.
#include "wire/http/chunked.h"

#include <gtest/gtest.h>

#include <random>

namespace bulwark::http {
namespace {

struct Decoded {
  std::string body;
  std::string rule;  ///< "more" if it did not end
  std::size_t consumed = 0;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view input, std::size_t piece) {
  Decoded out;
  ChunkedDecoder decoder;
  for (std::size_t at = 0; at < input.size(); at += piece) {
    std::string_view part = input.substr(at, piece);
    while (true) {
      const auto step = decoder.next(part);
      part.remove_prefix(step.consumed);
      out.consumed += step.consumed;
      out.body.append(step.data);
      if (step.state == ChunkedDecoder::State::refused) return out.rule = decoder.refusal().rule, out;
      if (step.state == ChunkedDecoder::State::done) return out;
      if (step.state == ChunkedDecoder::State::more) break;
    }
  }
  out.rule = "more";
  return out;
}

struct Case {
  const char* rule;
  const char* text;
};

const Case kCases[] = {
    {"", "5\r\nhello\r\n0\r\n\r\n"},
    {"", "A\r\n0123456789\r\n00\r\n\r\nGET"},
    {"", "1;a=b;c=\"d e\\\"\"\r\nx\r\n0;last\r\n\r\n"},
    {"", "0\r\nX-Sum: abc\r\nX-B: 2\r\n\r\n"},
    {"more", "5\r\nhel"},
    {"more", "0\r\n"},
    {"http.chunk_size_invalid", "\r\n"},
    {"http.chunk_size_invalid", "0x5\r\nhello\r\n"},
    {"http.chunk_size_invalid", "-5\r\nhello\r\n"},
    {"http.chunk_size_invalid", "5 \r\nhello\r\n"},
    {"http.chunk_size_invalid", " 5\r\nhello\r\n"},
    {"http.chunk_size_invalid", "5\nhello\r\n"},
    {"http.chunk_size_invalid", "5\rhello\r\n"},
    {"http.chunk_size_invalid", "fffffffffffffffff\r\n"},
    {"http.chunk_size_invalid", "00000000000000001\r\nx\r\n"},
    {"http.chunk_extension_invalid", "5;\r\nhello\r\n"},
    {"http.chunk_extension_invalid", "5;a=\r\nhello\r\n"},
    {"http.chunk_extension_invalid", "5; a\r\nhello\r\n"},
    {"http.chunk_extension_invalid", "5;a\nhello\r\n"},
    {"http.chunk_end_invalid", "5\r\nhelloX\r\n"},
    {"http.chunk_end_invalid", "5\r\nhello\n0\r\n\r\n"},
    {"http.trailer_invalid", "0\r\nContent-Length: 5\r\n\r\n"},
    {"http.trailer_invalid", "0\r\nno colon\r\n\r\n"},
    {"http.trailer_invalid", "0\r\nX: a\r\n b\r\n\r\n"},
    {"http.bare_lf", "0\r\nX: a\n\r\n"},
    {"http.bare_cr", "0\r\n\rX"},
};

TEST(Chunked, TakesAndRefuses) {
  for (const Case& each : kCases) EXPECT_EQ(decode(each.text, 1000).rule, each.rule) << each.text;
  EXPECT_EQ(decode("A\r\n0123456789\r\n00\r\n\r\nGET", 1000).body, "0123456789");
  EXPECT_EQ(decode("A\r\n0123456789\r\n00\r\n\r\nGET", 1000).consumed, 21U);
}

TEST(Chunked, BoundsExtensionsAndTrailers) {
  EXPECT_EQ(decode("1;" + std::string(5000, 'a') + "\r\nx\r\n", 100).rule, "http.chunk_extension_invalid");
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "1;abcdefgh\r\nx\r\n";
  EXPECT_EQ(decode(many, 100).rule, "http.chunk_extension_invalid");
  EXPECT_EQ(decode("0\r\nX: " + std::string(9000, 'a'), 100).rule, "http.trailer_invalid");
}

TEST(Chunked, PiecesMakeNoDifference) {
  std::mt19937 random(5);
  using namespace std::string_view_literals;
  constexpr auto kAlphabet = "\r\n\t \0;=\"\\019afxX:"sv;
  for (int round = 0; round < 60; ++round)
    for (const Case& each : kCases) {
      std::string text = each.text;
      for (int damage = 0; damage < round % 3; ++damage) text[random() % text.size()] = kAlphabet[random() % kAlphabet.size()];
      const Decoded whole = decode(text, text.size());
      ASSERT_EQ(whole, decode(text, 1)) << text;
      ASSERT_EQ(whole, decode(text, 3)) << text;
    }
}

TEST(Chunked, WritesWhatItReads) {
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{15}, std::uint64_t{16}, std::uint64_t{4096}}) {
    char head[kMaxChunkHead];
    const std::string text = std::string(head, write_chunk_head(size, head)) + std::string(size, 'x') + "\r\n0\r\n\r\n";
    EXPECT_EQ(decode(text, 7).body.size(), size);
  }
}

}  // namespace
}  // namespace bulwark::http
