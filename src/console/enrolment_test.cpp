#include "console/enrolment.h"

#include <gtest/gtest.h>

#include "console/secret_text.h"
#include "crypto/totp.h"

namespace bulwark::console {
namespace {

using namespace std::chrono_literals;

class EnrolmentTest : public ::testing::Test {
 protected:
  std::string proof(const Enrolment::Begun& begun) const { return crypto::totp_code(begun.totp_secret, crypto::totp_step(clock_.wall())); }
  ManualClock clock_;
  Enrolment enrolment_{clock_};
};

TEST_F(EnrolmentTest, InvitationBecomesAnAccount) {
  const auto code = enrolment_.invite(Role::responder, "root").value();
  const auto begun = enrolment_.begin(code, "ada", "hash").value();
  const auto finished = enrolment_.finish(begun.ticket, proof(begun));
  ASSERT_TRUE(finished.ok());
  EXPECT_EQ(finished->account.name, "ada");
  EXPECT_EQ(finished->account.role, Role::responder);
  EXPECT_EQ(finished->account.password_hash, "hash");
  EXPECT_EQ(finished->account.invited_by, "root");
  EXPECT_EQ(finished->account.totp_last_step, crypto::totp_step(clock_.wall())) << "the proof must not sign in again";
  ASSERT_EQ(finished->recovery_codes.size(), Enrolment::kRecoveryCodes);
  EXPECT_EQ(finished->account.recovery_hashes.front(), secret_hash(normalised_code(finished->recovery_codes.front())));
}

TEST_F(EnrolmentTest, CodeWorksAsPeopleTypeIt) {
  auto code = enrolment_.invite(Role::viewer, "").value();
  for (char& each : code) each = static_cast<char>(std::tolower(each));
  EXPECT_TRUE(enrolment_.invited(" " + code + " "));
  EXPECT_FALSE(enrolment_.invited(code + "A"));
  EXPECT_FALSE(enrolment_.invited(""));
}

TEST_F(EnrolmentTest, CodeIsGoodForOneAccount) {
  const auto code = enrolment_.invite(Role::viewer, "").value();
  const auto begun = enrolment_.begin(code, "ada", "hash").value();
  ASSERT_TRUE(enrolment_.finish(begun.ticket, proof(begun)).ok());
  EXPECT_FALSE(enrolment_.invited(code));
  EXPECT_FALSE(enrolment_.begin(code, "bob", "hash").ok());
  EXPECT_FALSE(enrolment_.finish(begun.ticket, proof(begun)).ok());
}

TEST_F(EnrolmentTest, BeginningAgainVoidsTheEarlierTicket) {
  const auto code = enrolment_.invite(Role::viewer, "").value();
  const auto first = enrolment_.begin(code, "ada", "hash").value();
  const auto second = enrolment_.begin(code, "ada", "hash").value();
  EXPECT_FALSE(enrolment_.finish(first.ticket, proof(first)).ok());
  EXPECT_TRUE(enrolment_.finish(second.ticket, proof(second)).ok());
}

TEST_F(EnrolmentTest, WrongProofsVoidTheTicketInTheEnd) {
  const auto code = enrolment_.invite(Role::viewer, "").value();
  const auto begun = enrolment_.begin(code, "ada", "hash").value();
  for (unsigned i = 0; i < Enrolment::kMaxProofs; ++i) EXPECT_FALSE(enrolment_.finish(begun.ticket, "000000x").ok());
  EXPECT_FALSE(enrolment_.finish(begun.ticket, proof(begun)).ok());
  EXPECT_TRUE(enrolment_.invited(code)) << "the person can begin again";
}

TEST_F(EnrolmentTest, EverythingExpires) {
  const auto code = enrolment_.invite(Role::viewer, "").value();
  const auto begun = enrolment_.begin(code, "ada", "hash").value();
  clock_.advance(Enrolment::kTicketLives);
  EXPECT_FALSE(enrolment_.finish(begun.ticket, proof(begun)).ok());
  clock_.advance(Enrolment::kInvitationLives);
  EXPECT_FALSE(enrolment_.invited(code));
}

TEST_F(EnrolmentTest, OpenInvitationsAreBounded) {
  for (std::size_t i = 0; i < Enrolment::kMaxInvitations; ++i) ASSERT_TRUE(enrolment_.invite(Role::viewer, "").ok());
  EXPECT_EQ(enrolment_.invite(Role::viewer, "").error().code, Code::exhausted);
}

}  // namespace
}  // namespace bulwark::console
