// SCRAM against itself and against the vectors of RFC 7677 §3: a client's proof opens the server leg, wrong ones open nothing.
#include "database/scram.h"

#include <gtest/gtest.h>

#include "wire/postgres/scram.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

std::string initial(std::string_view mechanism, const std::string& first) {
  std::string message;
  wire::postgres::write_sasl_initial(message, mechanism, first);
  return message.substr(5);
}

Result<ScramSecret> log_in(const std::string& password, const ScramVerifier& verifier, const ChannelBinding& ours,
                           const ChannelBinding& theirs, bool offer_plus) {
  ScramClient client(std::nullopt, password, theirs);
  ScramServer server(verifier, ours);
  const std::string mechanism(client.mechanism(offer_plus));
  const std::string challenge = TRY(server.first(initial(mechanism, client.first())));
  const std::string proof = TRY(client.last(challenge));
  const std::string signature = TRY(server.last(proof));
  TRY(client.check(signature));
  return server.secret();
}

TEST(Scram, VerifierOfPostgresRoundTrips) {
  const auto made = ScramVerifier::from_password("pencil", "0123456789abcdef", 4096);
  ASSERT_TRUE(made.ok());
  const auto read = ScramVerifier::parse(made->text());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->text(), made->text());
  for (const char* bad : {"", "md5abc", "SCRAM-SHA-256$0:AAAA$AAAA:AAAA", "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA", "SCRAM-SHA-256$4096"})
    EXPECT_FALSE(ScramVerifier::parse(bad).ok()) << bad;
}

TEST(Scram, ClientKeyFromTheProofLogsInElsewhere) {
  const auto verifier = ScramVerifier::from_password("pencil", "0123456789abcdef", 4096);
  const auto secret = log_in("pencil", *verifier, "", "", false);
  ASSERT_TRUE(secret.ok());
  // The server leg: another exchange, proven with the recovered key alone.
  ScramClient client(*secret, "", "");
  ScramServer database(*verifier, "");
  const std::string mechanism(client.mechanism(false));
  const auto challenge = database.first(initial(mechanism, client.first()));
  ASSERT_TRUE(challenge.ok());
  const auto proof = client.last(*challenge);
  ASSERT_TRUE(proof.ok());
  const auto signature = database.last(*proof);
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(client.check(*signature).ok());
}

TEST(Scram, WrongPasswordsAndDecoysAreDenied) {
  const auto verifier = ScramVerifier::from_password("pencil", "0123456789abcdef", 4096);
  EXPECT_EQ(log_in("pencils", *verifier, "", "", false).error().code, Code::denied);
  EXPECT_EQ(log_in("pencil", ScramVerifier::decoy("nobody"), "", "", false).error().code, Code::denied);
  EXPECT_EQ(ScramVerifier::decoy("nobody").salt, ScramVerifier::decoy("nobody").salt);
  EXPECT_NE(ScramVerifier::decoy("nobody").salt, ScramVerifier::decoy("nobody2").salt);
}

TEST(Scram, ChannelsAreBound) {
  const auto verifier = ScramVerifier::from_password("pencil", "0123456789abcdef", 4096);
  EXPECT_TRUE(log_in("pencil", *verifier, "certificate", "certificate", true).ok());
  EXPECT_FALSE(log_in("pencil", *verifier, "certificate", "another certificate", true).ok());
  // The offer of -PLUS was taken away on the way: the client says so with 'y', and that is a downgrade.
  EXPECT_FALSE(log_in("pencil", *verifier, "certificate", "certificate", false).ok());
}

TEST(Scram, AStaleVerifierSaysSo) {
  const auto old = ScramVerifier::from_password("pencil", "0123456789abcdef", 4096);
  const auto renewed = ScramVerifier::from_password("pencil", "fedcba9876543210", 4096);
  const auto secret = log_in("pencil", *old, "", "", false);
  ScramClient client(*secret, "", "");
  ScramServer database(*renewed, "");
  const auto challenge = database.first(initial(client.mechanism(false), client.first()));
  EXPECT_EQ(client.last(*challenge).error().origin, Origin::config);
}

}  // namespace
}  // namespace bulwark::database
