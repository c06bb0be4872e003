// Content codings: each decoded, cut at the limit however much would come out, faults told from ends.
#include "waf/bodies/decompress.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace bulwark::waf {
namespace {

std::string deflated(const std::string& text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string compressed(Coding coding, const std::string& text) {
  std::string out(text.size() + 1024, '\0');
  std::size_t size = out.size();
  switch (coding) {
    case Coding::gzip: return deflated(text, 15 + 16);
    case Coding::deflate: return deflated(text, 15);
    case Coding::zstd: size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3); break;
    case Coding::brotli:
      EXPECT_TRUE(BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                        reinterpret_cast<std::uint8_t*>(out.data())));
      break;
    case Coding::identity: return text;
  }
  out.resize(size);
  return out;
}

constexpr Coding kAll[] = {Coding::identity, Coding::gzip, Coding::deflate, Coding::zstd, Coding::brotli};

TEST(Decompress, GivesBackWhatWasCompressed) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i);
  for (const Coding coding : kAll) {
    std::string out = "what was there before";
    EXPECT_EQ(decompress(coding, compressed(coding, text), text.size() + 1, out), Decoded::whole) << static_cast<int>(coding);
    EXPECT_EQ(out, text);
    EXPECT_EQ(decompress(coding, compressed(coding, ""), 10, out), Decoded::whole) << static_cast<int>(coding);
    EXPECT_EQ(out, "");
  }
  std::string out;
  EXPECT_EQ(decompress(Coding::deflate, deflated(text, -15), text.size() + 1, out), Decoded::whole) << "raw deflate";
  EXPECT_EQ(out, text);
}

TEST(Decompress, StopsAtTheLimit) {
  const std::string bomb(50'000'000, '\0');
  for (const Coding coding : kAll) {
    std::string out;
    EXPECT_EQ(decompress(coding, compressed(coding, bomb), 100'000, out), Decoded::cut) << static_cast<int>(coding);
    EXPECT_EQ(out.size(), 100'000U);
    EXPECT_LT(out.capacity(), 300'000U);
  }
}

TEST(Decompress, TellsACutFromAFault) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += std::to_string(i * 7919);
  for (const Coding coding : {Coding::gzip, Coding::deflate, Coding::zstd, Coding::brotli}) {
    const std::string bytes = compressed(coding, text);
    std::string out;
    EXPECT_EQ(decompress(coding, bytes.substr(0, bytes.size() / 2), 1'000'000, out), Decoded::cut) << static_cast<int>(coding);
    EXPECT_TRUE(text.starts_with(out));
    EXPECT_EQ(decompress(coding, "\x7f\x45nothing of the kind", 1'000'000, out), Decoded::broken) << static_cast<int>(coding);
  }
}

TEST(Decompress, KnowsTheNamesOfCodings) {
  EXPECT_EQ(coding_from(" GZip "), Coding::gzip);
  EXPECT_EQ(coding_from("identity"), Coding::identity);
  EXPECT_EQ(coding_from("gzip, br"), std::nullopt);
  EXPECT_EQ(coding_from("compress"), std::nullopt);
}

}  // namespace
}  // namespace bulwark::waf
