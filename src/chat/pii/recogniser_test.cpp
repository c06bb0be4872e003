// What must be found, what must not, and that spans are sound on arbitrary bytes.
#include "chat/pii/recogniser.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace bulwark::chat::pii {
namespace {

std::string marked(std::string_view text) {
  std::vector<Span> spans;
  recognise(text, kAllKinds, spans);
  std::string out;
  std::size_t at = 0;
  for (const Span& span : spans) {
    out.append(text.substr(at, span.begin - at)).append("[").append(to_string(span.kind)).append("]");
    at = span.end;
  }
  return out.append(text.substr(at));
}

TEST(Recogniser, FindsEmailAddresses) {
  EXPECT_EQ(marked("mail jane.doe+x@mail.example.co.uk."), "mail [email].");
  EXPECT_EQ(marked("<o'brien@acme.io>, 'a@b.de'"), "<[email]>, '[email]'");
  EXPECT_EQ(marked("a@b@c.com x@y @handle user@localhost 3@4.5"), "a@[email] x@y @handle user@localhost 3@4.5");
  EXPECT_EQ(marked("jürgen@müller.de"), "[email]");
  EXPECT_EQ(marked("see john@acme.com.Then 4111111111111111@x.com"), "see [email] [email]");
}

TEST(Recogniser, FindsCardsByTheirCheckDigit) {
  EXPECT_EQ(marked("pay 4111 1111 1111 1111, not 4111 1111 1111 1112"), "pay [card], not 4111 1111 1111 1112");
  EXPECT_EQ(marked("5555-5555-5555-4444 and 378282246310005"), "[card] and [card]");
  EXPECT_EQ(marked("4111 1111 1111 1111 123"), "[card] 123");
  EXPECT_EQ(marked("order 0000000000000000 id a4111111111111111"), "order 0000000000000000 id a4111111111111111");
}

TEST(Recogniser, FindsBankAccounts) {
  EXPECT_EQ(marked("to DE89 3704 0044 0532 0130 00 now"), "to [iban] now");
  EXPECT_EQ(marked("gb29nwbk60161331926819"), "[iban]");
  EXPECT_EQ(marked("GB29NWBK60161331926810"), "GB29NWBK60161331926810");
}

TEST(Recogniser, FindsTelephoneNumbers) {
  EXPECT_EQ(marked("+49 (0)30 123456-78 or +1 415-555-0132"), "[phone] or [phone]");
  EXPECT_EQ(marked("(415) 555-0132, 415-555-0132, 415.555.0132, 1-415-555-0132"), "[phone], [phone], [phone], [phone]");
  EXPECT_EQ(marked("call me at 5550132 99"), "call me at [phone]");
  EXPECT_EQ(marked("030 1234567 x 0151-23456789"), "[phone] x [phone]");
  EXPECT_EQ(marked("001-245-341-2345x12345."), "[phone].");
}

TEST(Recogniser, LeavesOrdinaryNumbersAlone) {
  for (const char* text : {"in 2024-08-06 at 12:30:45", "version 10.4.2.1234 and 1.2.3", "order 12345678", "pi is 3.14159265358979",
                           "1 000 000 000 people", "gpt-4o-2024-08-06 claude-3-5-sonnet-20241022",
                           "std::cout << a::b; ::1 127.0.0.1 0.0.0.0", "550e8400-e29b-41d4-a716-446655440000", "12:34:56:78"})
    EXPECT_EQ(marked(text), text);
}

TEST(Recogniser, FindsIpAddresses) {
  EXPECT_EQ(marked("from 203.0.113.7:443 to 2001:db8::8a2e:370:7334."), "from [ip]:443 to [ip].");
  EXPECT_EQ(marked("[fe80::1ff:fe23:4567:890a] 256.1.1.1 1.2.3.4.5"), "[[ip]] 256.1.1.1 1.2.3.4.5");
}

TEST(Recogniser, SpansAreOrderedAndInsideTheTextForAnyBytes) {
  std::mt19937 random(3);
  constexpr std::string_view kAlphabet = "0123456789+-. ()@:abDEGBx/\xC3\xA9";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (unsigned i = random() % 60; i > 0; --i) text.push_back(kAlphabet[random() % kAlphabet.size()]);
    std::vector<Span> spans;
    recognise(text, kAllKinds, spans);
    std::size_t floor = 0;
    for (const Span& span : spans) {
      ASSERT_LE(floor, span.begin) << text;
      ASSERT_LT(span.begin, span.end) << text;
      ASSERT_LE(span.end, text.size()) << text;
      floor = span.end;
    }
  }
}

}  // namespace
}  // namespace bulwark::chat::pii
