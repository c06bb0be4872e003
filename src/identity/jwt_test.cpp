// Tokens and key sets: what is taken, and the list of everything that must be refused with its reason.
#include "identity/jwt.h"

#include <gtest/gtest.h>

#include "crypto/test_signer.h"
#include "identity/jwks.h"

namespace bulwark::identity {
namespace {

using crypto::JoseAlgorithm;

constexpr WallTime kNow = 1'800'000'000'000'000'000;
constexpr auto kGood =
    R"({"iss":"https://idp","aud":"shop","exp":1800000600,"sub":"alice","tenant":"acme","roles":["buyer","admin"],"jti":"t-1"})";

IssuerSettings rules() { return {.issuer = "https://idp", .audiences = {"shop"}, .jwks_file = "x"}; }

std::string unsigned_token(std::string_view header, std::string_view payload = kGood) {
  return crypto::base64url(header) + "." + crypto::base64url(payload) + ".c2ln";
}

std::string refusal(std::string_view text) {
  const auto token = parse_token(text);
  return token.ok() ? "" : token.error().message;
}

Result<Claims> judge(std::string_view payload, const IssuerSettings& by = rules(), WallTime now = kNow) {
  const auto document = json::Document::parse(payload);
  return judge_claims(document->root(), by, now);
}

std::string claims_refusal(std::string_view payload) {
  const auto claims = judge(payload);
  return claims.ok() ? "" : claims.error().message;
}

/// kGood with one member set to `value`, or left out when it is empty.
std::string with(std::string_view member, std::string_view value) {
  std::string out;
  for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{
           {"iss", R"("https://idp")"}, {"aud", R"("shop")"}, {"exp", "1800000600"}, {"sub", R"("alice")"}}) {
    const std::string chosen = name == member ? std::string(value) : text;
    if (!chosen.empty()) out += (out.empty() ? "{" : ",") + ("\"" + name + "\":" + chosen);
  }
  if (out.find("\"" + std::string(member) + "\"") == std::string::npos && !value.empty())
    out += ",\"" + std::string(member) + "\":" + std::string(value);
  return out + "}";
}

TEST(Jwt, ParsesAndVerifiesEachAlgorithm) {
  for (const auto algorithm : {JoseAlgorithm::rs256, JoseAlgorithm::es256, JoseAlgorithm::eddsa}) {
    const crypto::TestSigner signer(algorithm);
    const auto keys = KeySet::parse("{\"keys\":[" + signer.jwk("k1", R"(,"use":"sig")") + "]}");
    ASSERT_TRUE(keys.ok()) << keys.error().message;
    const std::string text = signer.token(kGood, "k1", "JWT");
    const auto token = parse_token(text);
    ASSERT_TRUE(token.ok()) << token.error().message;
    const auto* key = keys->find(token->kid, token->algorithm);
    ASSERT_NE(key, nullptr);
    EXPECT_TRUE(key->verify(token->signed_part, token->signature));
    EXPECT_EQ(keys->find("k2", algorithm), nullptr);
    EXPECT_NE(keys->find("", algorithm), nullptr);
    EXPECT_EQ(token->issuer(), "https://idp");
  }
}

TEST(Jwt, RefusesOtherAlgorithmsAndDangerousHeaders) {
  for (const auto* alg : {"none", "None", "HS256", "RS384", "PS256", "ES384", "ES256K", "rs256", ""})
    EXPECT_EQ(refusal(unsigned_token(std::string(R"({"alg":")") + alg + "\"}")), "token with an algorithm that is not accepted") << alg;
  EXPECT_EQ(refusal(unsigned_token(R"({"typ":"JWT"})")), "token with an algorithm that is not accepted");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":["RS256"]})")), "token with an algorithm that is not accepted");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256","crit":["exp"]})")), "token header with crit");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256","crit":[]})")), "token header with crit");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256","b64":false})")), "token header with b64");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256","zip":"DEF"})")), "token header with zip");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256","typ":"logout+jwt"})")), "token of another type");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256","kid":""})")), "token with a malformed key id");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256","kid":7})")), "token with a malformed key id");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256","kid":")" + std::string(257, 'k') + "\"}")), "token with a malformed key id");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"none","alg":"RS256"})")), "a JSON object with a repeated name");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256","typ":"application/at+JWT","kid":"../../etc/passwd"})")), "");
}

TEST(Jwt, RefusesMalformedText) {
  const std::string good = unsigned_token(R"({"alg":"RS256"})");
  EXPECT_EQ(refusal(good), "");
  EXPECT_EQ(refusal(""), "token not in three parts");
  EXPECT_EQ(refusal("a.b"), "token not in three parts");
  EXPECT_EQ(refusal(good + ".x"), "token not in three parts");
  EXPECT_EQ(refusal(good.substr(0, good.rfind('.') + 1)), "token without a signature");
  EXPECT_FALSE(parse_token(good + "=").ok());
  EXPECT_FALSE(parse_token(" " + good).ok());
  EXPECT_EQ(refusal(std::string(kMaxTokenBytes + 1, 'a')), "token too long");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256"})", R"(["iss"])")), "JSON that is not an object");
  EXPECT_EQ(refusal(unsigned_token(R"({"alg":"RS256"})", R"({"sub":"a","x":{"y":1,"y":2}})")), "a JSON object with a repeated name");
  EXPECT_FALSE(parse_token(unsigned_token(R"({"alg":"RS256"})", "{\"sub\":\"\xff\"}")).ok());
}

TEST(Claims, GiveThePrincipal) {
  const auto claims = judge(kGood);
  ASSERT_TRUE(claims.ok()) << claims.error().message;
  EXPECT_EQ(claims->principal.user, "alice");
  EXPECT_EQ(claims->principal.tenant, "acme");
  EXPECT_EQ(claims->principal.roles, (std::vector<std::string>{"buyer", "admin"}));
  EXPECT_EQ(claims->principal.credential, trace::Credential::jwt);
  EXPECT_EQ(claims->principal.credential_id, "t-1");
}

TEST(Claims, AreReadWhereTheSettingsSay) {
  auto by = rules();
  by.user_claim = "email";
  by.tenant_claim = "https://acme/org";
  by.roles_claim = "realm_access.roles";
  const auto claims = judge(R"({"iss":"https://idp","aud":["x","shop"],"exp":1800000600.5,"email":"a@b","https://acme/org":42,
                               "realm_access":{"roles":["r"]}})",
                            by);
  ASSERT_TRUE(claims.ok()) << claims.error().message;
  EXPECT_EQ(claims->principal.user, "a@b");
  EXPECT_EQ(claims->principal.tenant, "42");
  EXPECT_EQ(claims->principal.roles, std::vector<std::string>{"r"});
  by.roles_claim = "scope";
  EXPECT_EQ(judge(R"({"iss":"https://idp","aud":"shop","exp":1800000600,"email":"a","scope":" read  write "})", by)->principal.roles,
            (std::vector<std::string>{"read", "write"}));
}

TEST(Claims, AreRefusedWithTheirReason) {
  EXPECT_EQ(claims_refusal(with("iss", R"("https://idp/")")), "token of another issuer");
  EXPECT_EQ(claims_refusal(with("iss", "")), "token of another issuer");
  for (const auto* aud : {R"("shopping")", "[]", R"(["x"])", "5", R"({"shop":1})", ""})
    EXPECT_EQ(claims_refusal(with("aud", aud)), "token for another audience") << aud;
  EXPECT_EQ(claims_refusal(with("exp", "")), "token that never expires");
  EXPECT_EQ(claims_refusal(with("exp", "1799999939")), "token expired");
  EXPECT_EQ(claims_refusal(with("exp", "1799999941")), "");
  for (const auto* date : {"\"1800000600\"", "-1", "1e300", "null", "true"})
    EXPECT_EQ(claims_refusal(with("exp", date)), "token whose exp is no date") << date;
  EXPECT_EQ(claims_refusal(with("nbf", "1800000061")), "token not valid yet");
  EXPECT_EQ(claims_refusal(with("nbf", "1800000059")), "");
  EXPECT_EQ(claims_refusal(with("iat", "1800000061")), "token issued in the future");
}

TEST(Claims, RefuseNamesThatAreNoNames) {
  for (const auto* sub : {"", "\"\"", "null", "[\"a\"]", "1.5", "\"a\\r\\nX: y\"", "\"a\\u0000\"", "\" a\""})
    EXPECT_EQ(claims_refusal(with("sub", sub)), "token without a proper sub") << sub;
  EXPECT_EQ(claims_refusal(with("tenant", R"({"a":1})")), "token with a malformed tenant");
  EXPECT_EQ(claims_refusal(with("roles", "7")), "token whose roles are no list");
  EXPECT_EQ(claims_refusal(with("roles", R"(["a,admin"])")), "token with a malformed role");
  EXPECT_EQ(claims_refusal(with("roles", R"([["a"]])")), "token with a malformed role");
  std::string many = "\"r";
  for (int i = 0; i < 65; ++i) many += " r";
  EXPECT_EQ(claims_refusal(with("roles", many + "\"")), "token with too many roles");
}

TEST(KeySet, PassesOverWhatItCannotUse) {
  const crypto::TestSigner signer(JoseAlgorithm::es256);
  const auto set = [](const std::string& keys) { return KeySet::parse("{\"keys\":[" + keys + "]}"); };
  const std::string good = signer.jwk("good");
  for (const auto* other : {R"({"kty":"oct","k":"AAAA","kid":"s"})", R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})",
                            R"({"kty":"RSA","n":"AQAB","e":"AQAB"})", R"({"kty":"EC","crv":"P-256"})", "7", "{}"}) {
    const auto keys = set(std::string(other) + "," + good);
    ASSERT_TRUE(keys.ok()) << other;
    EXPECT_EQ(keys->size(), 1U) << other;
    EXPECT_FALSE(set(other).ok()) << other;
  }
  EXPECT_FALSE(set(signer.jwk("k", R"(,"use":"enc")")).ok());
  EXPECT_FALSE(set(signer.jwk("k", R"(,"alg":"ES384")")).ok());
  EXPECT_FALSE(set(signer.jwk("k", R"(,"key_ops":["sign"])")).ok());
  EXPECT_TRUE(set(signer.jwk("k", R"(,"key_ops":["verify"],"alg":"ES256")")).ok());
}

TEST(KeySet, NeverGuesses) {
  const crypto::TestSigner one(JoseAlgorithm::es256);
  const crypto::TestSigner two(JoseAlgorithm::es256);
  const auto keys = KeySet::parse("{\"keys\":[" + one.jwk("a") + "," + two.jwk("b") + "," + two.jwk("b") + "]}");
  EXPECT_EQ(keys->find("", JoseAlgorithm::es256), nullptr);
  EXPECT_NE(keys->find("a", JoseAlgorithm::es256), nullptr);
  EXPECT_EQ(keys->find("a", JoseAlgorithm::rs256), nullptr);
  EXPECT_EQ(keys->find("b", JoseAlgorithm::es256), nullptr);
}

TEST(KeySet, RefusesWhatIsNoKeySet) {
  for (const auto* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[],"keys":[]})", "<html>"})
    EXPECT_FALSE(KeySet::parse(text).ok()) << text;
  EXPECT_EQ(KeySet::parse(std::string(KeySet::kMaxBytes + 1, ' ')).error().code, Code::too_large);
  std::string many = "{\"keys\":[{}";
  for (int i = 0; i < 64; ++i) many += ",{}";
  EXPECT_EQ(KeySet::parse(many + "]}").error().code, Code::too_large);
}

}  // namespace
}  // namespace bulwark::identity
