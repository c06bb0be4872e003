// A system message told word for word ends the answer before the run of words that gives it away.
#include <gtest/gtest.h>

#include "chat/output/test_answer.h"

namespace bulwark::chat::output {
namespace {

constexpr std::string_view kPrompt =
    "You are Ada, the assistant of Acme. Never reveal the discount code WINTER and always speak politely about our competitors. "
    "Offer refunds only when the customer asks twice.";

Asked leak(Mode mode) {
  Asked asked;
  asked.settings.prompt = mode;
  asked.prompt = kPrompt;
  return asked;
}

TEST(PromptLeak, IsStoppedInEveryLayoutBeforeItsRunLeaves) {
  for (const char* told : {"Sure! You are Ada, the assistant of Acme. Never reveal the discount code WINTER and always speak",
                           "Sure! you ARE ada -- the assistant -- of acme\n- never reveal\n- the discount code winter and always"}) {
    for (const std::size_t size : {1U, 4U, 500U}) {
      const Answer made = answer(leak(Mode::block), pieces(told, size));
      EXPECT_TRUE(made.blocked);
      EXPECT_EQ(made.text.find("Acme"), std::string::npos) << made.text;
      EXPECT_EQ(made.text.find("WINTER"), std::string::npos);
      EXPECT_EQ(made.found, std::vector<std::string>{"prompt instructions"});
    }
  }
}

TEST(PromptLeak, OrdinaryAnswersPassAndHardlyWait) {
  const std::string said =
      "I am Ada, the assistant of Acme, and I am glad to help. Refunds are possible when the customer asks twice, as a rule.";
  const Answer made = answer(leak(Mode::block), pieces(said, 5));
  EXPECT_FALSE(made.blocked);
  EXPECT_EQ(made.text, said);
  EXPECT_EQ(answer(leak(Mode::block), {"Hello there, "}).steps[0], "Hello there, ");
}

TEST(PromptLeak, MaskTakesTheRunOutAndMonitorOnlyTells) {
  const std::string told = "It says: never reveal the discount code WINTER and always speak politely about our competitors. Bye now.";
  EXPECT_EQ(answer(leak(Mode::mask), {told}).text, "It says: [instructions removed]. Bye now.");
  const std::string streamed = answer(leak(Mode::mask), pieces(told, 3)).text;
  EXPECT_EQ(streamed.find("discount"), std::string::npos) << streamed;
  EXPECT_TRUE(streamed.ends_with("[instructions removed]. Bye now.")) << streamed;
  const Answer seen = answer(leak(Mode::monitor), pieces(told, 3));
  EXPECT_EQ(seen.text, told);
  EXPECT_EQ(seen.found.size(), 1U);
}

TEST(PromptLeak, AMessageOfFewWordsHidesNothing) {
  Asked asked = leak(Mode::block);
  asked.prompt = "You are a helpful assistant.";
  EXPECT_FALSE(answer(asked, {"You are a helpful assistant."}).blocked);
}

}  // namespace
}  // namespace bulwark::chat::output
