// Values that nobody brought are held before their first byte and taken out; what stands in the request passes.
#include <gtest/gtest.h>

#include "chat/output/test_answer.h"
#include "chat/pii/pseudonyms.h"

namespace bulwark::chat::output {
namespace {

Asked values() {
  Asked asked;
  asked.settings.pii = asked.settings.secret = Mode::mask;
  asked.user = "Is 4111 1111 1111 1111 valid? Write to jane.doe@acme.io.";
  return asked;
}

std::string through(const std::string& text) {
  const std::string whole = answer(values(), {text}).text;
  for (const std::size_t size : {1U, 2U, 3U, 5U, 11U}) EXPECT_EQ(answer(values(), pieces(text, size)).text, whole) << size;
  return whole;
}

TEST(Personal, WhatNobodyBroughtGoes) {
  EXPECT_EQ(through("Ask bob.roe@corp.io, or pay with 5500 0000 0000 0004."), "Ask [email removed], or pay with [card removed].");
  EXPECT_EQ(through("DE89 3704 0044 0532 0130 00 is hers"), "[iban removed] is hers");
  const std::string key = std::string("ghp_") + "16C7e42F292c6912E7710c838347Ae178B4a";
  EXPECT_EQ(through("token " + key + "\n").find(key), std::string::npos);
}

TEST(Personal, WhatStandsInTheRequestStays) {
  const std::string text = "4111 1111 1111 1111 is valid, jane.doe@acme.io; see user@example.com, version 1.2.3, 2024-01-31.";
  EXPECT_EQ(through(text), text);
}

TEST(Personal, LiveSurrogatesAreNobodysData) {
  pii::Pseudonyms pseudonyms(pii::derive({}, "test", "k"));
  const std::string card(pseudonyms.of(pii::Kind::card, "4111 1111 1111 1111").value());
  Asked asked = values();
  asked.index = &pseudonyms.index();
  EXPECT_EQ(answer(asked, pieces("card " + card + " it is", 3)).text, "card " + card + " it is");
}

TEST(Personal, NothingOfAValueLeavesAheadOfIt) {
  const Answer made = answer(values(), pieces("Mail bob.roe@corp.io now", 1));
  std::string sent;
  for (const std::string& step : made.steps) {
    sent += step;
    EXPECT_EQ(sent.find("b"), std::string::npos) << sent;
    if (sent.find("[email") != std::string::npos) break;
  }
}

TEST(Personal, TheFirstWordOfASentenceDoesNotWait) {
  EXPECT_EQ(answer(values(), {"Hello"}).steps[0], "Hello");
  EXPECT_EQ(answer(values(), {"bob.roe"}).steps[0], "");
  EXPECT_EQ(answer(values(), {"你好，世界"}).steps[0], "你好，世界");
}

TEST(Personal, HoldsWhatMayStillBelongToANumber) {
  for (const char* text :
       {"see ( 5678 1921-680", "01111-1234,x0a@b.iofe80", "call 0151-234 567 89, ext. 123 now", "+ 49 30 1234567 (office)"}) {
    const std::string whole = answer(values(), {text}).text;
    EXPECT_NE(whole.find("[phone removed]"), std::string::npos) << whole;
    for (const std::size_t size : {1U, 2U, 3U, 5U, 8U}) EXPECT_EQ(answer(values(), pieces(text, size)).text, whole) << size;
  }
}

TEST(Personal, AKeyInPemIsHeldAsAWhole) {
  const std::string pem =
      std::string("-----BEGIN PRIVATE") + " KEY-----\nMIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEAq7BFUpkGp3+LQmlQ\n";
  const Answer cut = answer(values(), pieces("Here: " + pem, 9));
  EXPECT_EQ(cut.text.find("MIIB"), std::string::npos) << cut.text;
}

}  // namespace
}  // namespace bulwark::chat::output
