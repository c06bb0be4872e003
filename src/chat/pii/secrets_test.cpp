// Credentials by prefix, by name, in URIs, headers and PEM; and programs that only talk about credentials.
#include "chat/pii/secrets.h"

#include <gtest/gtest.h>

#include <string>

#include "chat/pii/recogniser.h"

namespace bulwark::chat::pii {
namespace {

/// Drawn from no service: a body of letters and digits after the prefix.
std::string token(std::string_view prefix, std::size_t body) {
  std::string out(prefix);
  for (std::size_t i = 0; i < body; ++i) out.push_back("aB3dE6gH9jK2mN5pQ8"[i % 18]);
  return out;
}

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

TEST(Secrets, FindsTokensByTheirPrefix) {
  for (const auto& [prefix, body] : {std::pair("ghp_", 36), std::pair("glpat-", 20), std::pair("sk-", 48), std::pair("xoxb-", 40)})
    EXPECT_EQ(marked("use " + token(prefix, static_cast<std::size_t>(body)) + " here"), "use [secret] here");
}

TEST(Secrets, KnowsAmazonsKeyIds) { EXPECT_EQ(marked("AKIAQX7Z3M5PTW2LKD9V"), "[secret]"); }

TEST(Secrets, FindsValuesBesideTheirNames) {
  EXPECT_EQ(marked("password = \"super$ecret1\""), "password = \"[secret]\"");
  EXPECT_EQ(marked("DB_PASSWORD=whiteduke"), "DB_PASSWORD=[secret]");
  EXPECT_EQ(marked("\"api_key\": \"951bc382db9abad29c68634761dd6e19\""), "\"api_key\": \"[secret]\"");
  EXPECT_EQ(marked("Authorization: Bearer mF_9.B5f-4.1JqMxyz"), "Authorization: Bearer [secret]");
  EXPECT_EQ(marked("tool --password hunter22 run"), "tool --password [secret] run");
}

TEST(Secrets, FindsPasswordsInUrisAndKeysInPem) {
  EXPECT_EQ(marked("postgres://app:s3cr3tpw@db.example.com/shop"), "postgres://app:[secret]@db.example.com/shop");
  EXPECT_EQ(marked("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\nend"), "[secret]\nend");
}

TEST(Secrets, FindsTokensByTheirBuild) {
  EXPECT_EQ(marked("bot 4839574813:AA" + token("", 33) + "!"), "bot 4839574813:[secret]!");
  EXPECT_EQ(marked("session 00DA" + token("", 11) + "!" + token("", 96)), "session [secret]");
  EXPECT_EQ(marked("storage LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb2dJQkFB"), "storage [secret]");
  EXPECT_EQ(marked("AKIA" + std::string(16, 'A') + "B"), "AKIA" + std::string(16, 'A') + "B");
}

TEST(Secrets, FindsDrawnRunsOnlyWhereTheTextSpeaksOfCredentials) {
  const std::string run = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b";
  EXPECT_EQ(marked("use the following password:\n\n" + run + "\n"), "use the following password:\n\n[secret]\n");
  EXPECT_EQ(marked("the token is in commit/" + run), "the token is in commit/" + run);
  EXPECT_EQ(marked("checksum " + run), "checksum " + run);
}

TEST(Secrets, FindsPasswordsInCommandsCallsAndConnectionStrings) {
  EXPECT_EQ(marked("psexec \\\\host -u admin -p hunter2x cmd"), "psexec \\\\host -u admin -p [secret] cmd");
  EXPECT_EQ(marked("new NetworkCredential(\"me\", \"open sesame\")"), "new NetworkCredential(\"me\", \"[secret]\")");
  EXPECT_EQ(marked("Server=h;User Id=u;Password=letmein;Database=d"), "Server=h;User Id=u;Password=[secret];Database=d");
  EXPECT_EQ(marked("user = joe\npassword = whiteduke"), "user = joe\npassword = [secret]");
  EXPECT_EQ(marked("<add key=\"MailPassword\" value=\"Prestigi$\"/>"), "<add key=\"MailPassword\" value=\"[secret]\"/>");
  EXPECT_EQ(marked("the password for \"root\" is \"pyne\"."), "the password for \"root\" is \"[secret]\".");
}

TEST(Accounts, AreFoundByTheirMarks) {
  EXPECT_EQ(marked("see arn:aws:s3:::my_bucket/* now"), "see [account] now");
  EXPECT_EQ(marked("http://shop-data.s3.amazonaws.com/x"), "http://[account]");
  EXPECT_EQ(marked("export MAILER_USERNAME=bowie"), "export MAILER_USERNAME=[account]");
  for (const char* text : {"s3.amazonaws.com", "arn:aws:iam::aws:policy/ReadOnlyAccess", "username = bowie"}) EXPECT_EQ(marked(text), text);
}

TEST(Secrets, LeavesProgramsAndProseAlone) {
  for (const char* text :
       {"password = input(\"Password: \")", "token: str = os.getenv(\"TOKEN\")", "PASSWORD=$DB_PASSWORD", "the key: patience",
        "password=user_password", "Your password must have 8 letters.", "secret: true", "api_key = process.env.API_KEY",
        "api_key = a1b2c3d4e5f6g7h8i9j0", "$password = \"myp@ssw0rd\";", "How do I reset my password?", "key: value, other: thing"})
    EXPECT_EQ(marked(text), text);
}

}  // namespace
}  // namespace bulwark::chat::pii
