#include "crypto/totp.h"

#include <gtest/gtest.h>

namespace bulwark::crypto {
namespace {

constexpr std::string_view kSecret = "12345678901234567890";  // RFC 6238 appendix B
constexpr WallTime kSecond = 1'000'000'000;

TEST(Totp, MatchesTheVectorsOfRfc6238) {
  const std::pair<std::int64_t, const char*> vectors[] = {{59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
                                                          {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  // Asked for by step: the last one lies past what a WallTime can hold.
  for (const auto& [seconds, code] : vectors)
    EXPECT_EQ(totp_code(kSecret, static_cast<std::uint64_t>(seconds) / kTotpStepSeconds, 8), code) << seconds;
}

TEST(Totp, MatchesTheVectorsOfRfc4226) {
  const char* codes[] = {"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"};
  for (std::uint64_t counter = 0; counter < 10; ++counter) EXPECT_EQ(totp_code(kSecret, counter), codes[counter]);
}

TEST(Totp, AcceptsOneStepEitherSideAndNoMore) {
  const WallTime now = 1'111'111'111 * kSecond;
  const std::uint64_t step = totp_step(now);
  for (std::uint64_t each = step - 3; each <= step + 3; ++each) {
    const bool near = each + 1 >= step && each <= step + 1;
    EXPECT_EQ(verify_totp(kSecret, totp_code(kSecret, each), now, 0).has_value(), near) << each - step;
  }
}

TEST(Totp, ACodeIsGoodOnce) {
  const WallTime now = 1'111'111'111 * kSecond;
  const auto code = totp_code(kSecret, totp_step(now));
  const auto step = verify_totp(kSecret, code, now, 0);
  ASSERT_TRUE(step);
  EXPECT_FALSE(verify_totp(kSecret, code, now, *step));
  EXPECT_FALSE(verify_totp(kSecret, totp_code(kSecret, *step - 1), now, *step)) << "nor an earlier one afterwards";
  EXPECT_TRUE(verify_totp(kSecret, totp_code(kSecret, *step + 1), now, *step));
}

TEST(Totp, RefusesAnythingButSixDigits) {
  for (const auto* code : {"", "12345", "1234567", "abcdef", "      "})
    EXPECT_FALSE(verify_totp(kSecret, code, 1'111'111'111 * kSecond, 0)) << code;
}

TEST(Totp, Base32MatchesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"}, {"foobar", "MZXW6YTBOI"}};
  for (const auto& [bytes, text] : vectors) EXPECT_EQ(base32(bytes), text);
}

TEST(Totp, UriEscapesNames) {
  EXPECT_EQ(totp_uri("foobar", "Bulwark", "ada l&x"),
            "otpauth://totp/Bulwark:ada%20l%26x?secret=MZXW6YTBOI&issuer=Bulwark&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace bulwark::crypto
