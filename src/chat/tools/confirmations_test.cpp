// A call waits until a person or the clock decides, once; what nobody waits for is not shown.
#include "chat/tools/confirmations.h"

#include <gtest/gtest.h>

#include <future>

namespace bulwark::chat::tools {
namespace {

constexpr std::chrono::minutes kLong{10};
constexpr std::chrono::milliseconds kShort{20};

Confirmations::Request mail(std::string user = "jane") { return {std::move(user), "acme", "mail", R"({"to":"x"})"}; }

TEST(Confirmations, AreListedAndDecidedOnce) {
  Confirmations confirmations;
  int told = 0;
  const auto ticket = confirmations.ask(mail(), kLong, [&] { ++told; });
  ASSERT_TRUE(ticket);
  const auto pending = confirmations.pending();
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0].request.tool, "mail");
  EXPECT_EQ(pending[0].request.user, "jane");
  EXPECT_FALSE(confirmations.decide("0", true).ok());
  EXPECT_TRUE(confirmations.decide(pending[0].id, true).ok());
  EXPECT_EQ(ticket->state(), Ticket::State::confirmed);
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(confirmations.decide(pending[0].id, false).ok());
  EXPECT_EQ(ticket->state(), Ticket::State::confirmed);
  EXPECT_TRUE(confirmations.pending().empty());
}

TEST(Confirmations, ExpireAsARefusal) {
  Confirmations confirmations;
  std::promise<void> ended;
  const auto slow = confirmations.ask(mail(), kLong, [] {});
  const auto ticket = confirmations.ask(mail(), kShort, [&] { ended.set_value(); });
  ASSERT_EQ(ended.get_future().wait_for(kLong), std::future_status::ready);
  EXPECT_EQ(ticket->state(), Ticket::State::expired);
  EXPECT_TRUE(slow->pending());
}

TEST(Confirmations, EndWithTheProcess) {
  std::shared_ptr<const Ticket> ticket;
  bool told = false;
  {
    Confirmations confirmations;
    ticket = confirmations.ask(mail(), kLong, [&] { told = true; });
  }
  EXPECT_EQ(ticket->state(), Ticket::State::expired);
  EXPECT_TRUE(told);
}

TEST(Confirmations, AreForgottenWithTheirOwner) {
  Confirmations confirmations;
  auto ticket = confirmations.ask(mail(), kLong, [] {});
  const std::string id = confirmations.pending()[0].id;
  ticket.reset();
  EXPECT_TRUE(confirmations.pending().empty());
  EXPECT_FALSE(confirmations.decide(id, true).ok());
}

TEST(Confirmations, AreBounded) {
  Confirmations confirmations;
  std::vector<std::shared_ptr<const Ticket>> kept;
  for (std::size_t i = 0; i < Confirmations::kMaxPerUser; ++i) kept.push_back(confirmations.ask(mail(), kLong, [] {}));
  EXPECT_FALSE(confirmations.ask(mail(), kLong, [] {}));
  EXPECT_TRUE(confirmations.ask(mail("joe"), kLong, [] {}));
  Confirmations::Request long_one = mail("eve");
  long_one.arguments.assign(Confirmations::kMaxArguments + 1, 'x');
  EXPECT_FALSE(confirmations.ask(std::move(long_one), kLong, [] {}));
  for (std::size_t i = 0; kept.size() < Confirmations::kMaxPending; ++i)
    kept.push_back(confirmations.ask(mail("u" + std::to_string(i)), kLong, [] {}));
  EXPECT_FALSE(confirmations.ask(mail("last"), kLong, [] {}));
  kept.clear();
  EXPECT_TRUE(confirmations.ask(mail("last"), kLong, [] {}));
}

}  // namespace
}  // namespace bulwark::chat::tools
