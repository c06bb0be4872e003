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
  recognise(text, spans);
  std::string out;
  std::size_t at = 0;
  for (const Span& span : spans) {
    out.append(text.substr(at, span.begin - at)).append("[").append(to_string(span.kind)).append("]");
    at = span.end;
  }
  return out.append(text.substr(at));
}

TEST(Secrets, FindsTokensByTheirPrefix) {
  for (const auto& [prefix, body] :
       {std::pair("ghp_", 36), std::pair("glpat-", 20), std::pair("sk-", 48), std::pair("xoxb-", 40), std::pair("AKIA", 16)})
    EXPECT_EQ(marked("use " + token(prefix, static_cast<std::size_t>(body)) + " here"), "use [secret] here");
}

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

TEST(Secrets, LeavesProgramsAndProseAlone) {
  for (const char* text : {"password = input(\"Password: \")", "token: str = os.getenv(\"TOKEN\")", "PASSWORD=$DB_PASSWORD",
                           "the key: patience", "password=user_password", "Your password must have 8 letters.", "secret: true",
                           "api_key = process.env.API_KEY", "How do I reset my password?", "key: value, other: thing"})
    EXPECT_EQ(marked(text), text);
}

}  // namespace
}  // namespace bulwark::chat::pii
