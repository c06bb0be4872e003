// Published examples (ISO 7812, the IBAN registry) and the digits we make ourselves.
#include "chat/pii/checksums.h"

#include <gtest/gtest.h>

namespace bulwark::chat::pii {
namespace {

TEST(Luhn, AcceptsTestCardsAndNoneOfTheirNeighbours) {
  EXPECT_TRUE(luhn_valid("4111111111111111"));
  EXPECT_TRUE(luhn_valid("378282246310005"));
  EXPECT_TRUE(luhn_valid("5555555555554444"));
  EXPECT_FALSE(luhn_valid("4111111111111112"));
  EXPECT_EQ(luhn_digit("411111111111111"), '1');
}

TEST(Iban, AcceptsExamplesOfTheRegistryAndNoChangedDigit) {
  for (std::string iban : {"GB29NWBK60161331926819", "DE89370400440532013000", "FR1420041010050500013M02606", "NO9386011117947"}) {
    EXPECT_TRUE(iban_valid(iban)) << iban;
    iban.back() = iban.back() == '0' ? '1' : '0';
    EXPECT_FALSE(iban_valid(iban)) << iban;
  }
  EXPECT_EQ(iban_length("TR"), 26U);
  EXPECT_EQ(iban_length("ZZ"), 0U);
  EXPECT_EQ(iban_check_digits("DE00370400440532013000"), 89U);
}

}  // namespace
}  // namespace bulwark::chat::pii
