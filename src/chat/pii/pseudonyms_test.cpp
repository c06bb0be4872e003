// Surrogates keep kind and shape, hold for a conversation, differ between conversations, and always lead back.
#include "chat/pii/pseudonyms.h"

#include <gtest/gtest.h>

#include "chat/pii/recogniser.h"

namespace bulwark::chat::pii {
namespace {

const Key kKey = derive(Key{}, "test", "a");

std::string of(Pseudonyms& pseudonyms, Kind kind, std::string_view value) { return std::string(pseudonyms.of(kind, value).value()); }

TEST(Pseudonyms, AreOfTheSameKindAndShape) {
  Pseudonyms pseudonyms(kKey);
  const std::pair<Kind, std::string_view> values[] = {{Kind::email, "jane@acme.io"},          {Kind::card, "4111 1111 1111 1111"},
                                                      {Kind::card, "378282246310005"},        {Kind::iban, "DE89 3704 0044 0532 0130 00"},
                                                      {Kind::iban, "gb29nwbk60161331926819"}, {Kind::phone, "+49 (0)30 123456-78"},
                                                      {Kind::phone, "(415) 555-0132"},        {Kind::ip, "203.0.113.7"},
                                                      {Kind::ip, "2001:4860:4860::8888"}};
  for (const auto& [kind, value] : values) {
    const std::string surrogate = of(pseudonyms, kind, value);
    EXPECT_NE(surrogate, value);
    std::vector<Span> spans;
    recognise(surrogate, kAllKinds, spans);
    ASSERT_EQ(spans, (std::vector<Span>{{0, surrogate.size(), kind}})) << surrogate;
    EXPECT_EQ(restore(pseudonyms.index(), "is it " + surrogate + "?"), "is it " + std::string(value) + "?");
  }
}

TEST(Pseudonyms, HoldForAConversationAndNoLonger) {
  Pseudonyms first(kKey);
  Pseudonyms later(kKey);
  Pseudonyms other(derive(Key{}, "test", "b"));
  EXPECT_EQ(of(first, Kind::email, "a@b.de"), of(later, Kind::email, "a@b.de"));
  EXPECT_NE(of(first, Kind::email, "a@b.de"), of(other, Kind::email, "a@b.de"));
  EXPECT_NE(of(first, Kind::email, "a@b.de"), of(first, Kind::email, "c@b.de"));
}

TEST(Pseudonyms, EverySpellingOfANumberGetsTheSameDigits) {
  Pseudonyms pseudonyms(kKey);
  const std::string spaced = of(pseudonyms, Kind::card, "4111 1111 1111 1111");
  const std::string bare = of(pseudonyms, Kind::card, "4111111111111111");
  std::string joined = spaced;
  std::erase(joined, ' ');
  EXPECT_EQ(joined, bare);
  EXPECT_EQ(restore(pseudonyms.index(), spaced + "|" + bare), "4111 1111 1111 1111|4111111111111111");
}

TEST(Pseudonyms, RefusesMoreThanItsLimit) {
  Pseudonyms pseudonyms(kKey);
  for (std::size_t i = 0; i < Pseudonyms::kMaxValues; ++i) ASSERT_TRUE(pseudonyms.of(Kind::email, "u" + std::to_string(i) + "@x.io").ok());
  EXPECT_EQ(pseudonyms.of(Kind::email, "one@more.io").error().code, Code::too_large);
  EXPECT_TRUE(pseudonyms.of(Kind::email, "u1@x.io").ok());
}

}  // namespace
}  // namespace bulwark::chat::pii
