// The computations of SCRAM over OpenSSL: HMAC, SHA-256, PBKDF2, all comparisons in constant time.
#include "database/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <charconv>

#include "base/id.h"
#include "wire/postgres/scram.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;

constexpr std::uint32_t kUsualIterations = 4096;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kNonceBytes = 18;
constexpr std::string_view kBindingName = "tls-server-end-point";

std::string encode(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string_view view(const ScramKey& key) { return {reinterpret_cast<const char*>(key.data()), key.size()}; }
std::string encode(const ScramKey& key) { return encode(view(key)); }

/// Strict: the text must be what encoding its value gives.
Result<std::string> decode(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > wire::kMaxScramMessage)
    return client_error(Code::invalid, "malformed base64 in SCRAM");
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return client_error(Code::invalid, "malformed base64 in SCRAM");
  out.resize(static_cast<std::size_t>(size) - (text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0));
  if (encode(out) != text) return client_error(Code::invalid, "malformed base64 in SCRAM");
  return out;
}

Result<ScramKey> decode_key(std::string_view text) {
  const std::string bytes = TRY(decode(text));
  ScramKey key;
  if (bytes.size() != key.size()) return client_error(Code::invalid, "a SCRAM key is 32 bytes");
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(key.data()));
  return key;
}

ScramKey hmac(const ScramKey& key, std::string_view message) {
  ScramKey out;
  unsigned int size = 0;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()), message.size(),
             out.data(), &size) != nullptr);
  return out;
}

ScramKey sha256(std::string_view message) {
  ScramKey out;
  unsigned int size = 0;
  CHECK(EVP_Digest(message.data(), message.size(), out.data(), &size, EVP_sha256(), nullptr) == 1);
  return out;
}

ScramKey exclusive_or(const ScramKey& a, const ScramKey& b) {
  ScramKey out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = a[i] ^ b[i];
  return out;
}

bool equal(const ScramKey& a, const ScramKey& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

Result<ScramKey> salted_password(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  ScramKey out;
  const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                     reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                                     static_cast<int>(iterations), EVP_sha256(), static_cast<int>(out.size()), out.data());
  if (done != 1) return internal_error(Code::invalid, "PBKDF2 failed");
  return out;
}

std::string random_nonce() {
  std::string bytes(kNonceBytes, '\0');
  secure_random(bytes.data(), bytes.size());
  return encode(bytes);
}

/// Wrong credentials and everything that a liar could have made of them look the same.
Error refused() { return client_error(Code::denied, "password authentication failed"); }

}  // namespace

ScramSecret::~ScramSecret() { OPENSSL_cleanse(client_key.data(), client_key.size()); }

Result<ScramVerifier> ScramVerifier::parse(std::string_view text) {
  const auto malformed = [] { return config_error("not a SCRAM-SHA-256 verifier as pg_authid shows it"); };
  constexpr std::string_view kPrefix = "SCRAM-SHA-256$";
  if (!text.starts_with(kPrefix)) return malformed();
  text.remove_prefix(kPrefix.size());
  const auto colon = text.find(':');
  const auto dollar = text.find('$');
  const auto second_colon = text.rfind(':');
  if (colon == std::string_view::npos || dollar == std::string_view::npos || !(colon < dollar && dollar < second_colon)) return malformed();
  ScramVerifier verifier;
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, verifier.iterations);
  if (error != std::errc{} || end != text.data() + colon || verifier.iterations == 0 || verifier.iterations > wire::kMaxScramIterations)
    return malformed();
  verifier.salt = TRY(decode(text.substr(colon + 1, dollar - colon - 1)));
  verifier.stored_key = TRY(decode_key(text.substr(dollar + 1, second_colon - dollar - 1)));
  verifier.server_key = TRY(decode_key(text.substr(second_colon + 1)));
  return verifier;
}

Result<ScramVerifier> ScramVerifier::from_password(std::string_view password, std::string salt, std::uint32_t iterations) {
  const ScramKey salted = TRY(salted_password(password, salt, iterations));
  return ScramVerifier{iterations, std::move(salt), sha256(view(hmac(salted, "Client Key"))), hmac(salted, "Server Key")};
}

ScramVerifier ScramVerifier::decoy(std::string_view role) {
  static const ScramKey secret = [] {
    ScramKey key;
    secure_random(key.data(), key.size());
    return key;
  }();
  ScramVerifier verifier;
  verifier.iterations = kUsualIterations;
  verifier.salt = std::string(view(hmac(secret, role)).substr(0, kSaltBytes));
  secure_random(verifier.stored_key.data(), verifier.stored_key.size());
  secure_random(verifier.server_key.data(), verifier.server_key.size());
  return verifier;
}

std::string ScramVerifier::text() const {
  return "SCRAM-SHA-256$" + std::to_string(iterations) + ":" + encode(salt) + "$" + encode(stored_key) + ":" + encode(server_key);
}

Result<std::string> ScramServer::first(std::string_view body) {
  const auto initial = TRY(wire::read_sasl_initial(body));
  const bool plus = initial.mechanism == wire::kScramSha256Plus;
  if (!plus && initial.mechanism != wire::kScramSha256) return client_error(Code::unsupported, "unknown SASL mechanism");
  if (plus && binding_.empty()) return client_error(Code::invalid, "channel binding without TLS");
  const auto message = TRY(wire::read_client_first(initial.data));
  // 'y': the client believes that we cannot bind, though we offered it: somebody in between took the offer away.
  if (plus != (message.binding == 'p') || (message.binding == 'y' && !binding_.empty()))
    return client_error(Code::denied, "SCRAM channel binding negotiation error");
  if (plus && message.binding_name != kBindingName) return client_error(Code::unsupported, "unknown channel binding type");
  expected_binding_ = encode(std::string(message.gs2_header) + (plus ? binding_ : std::string()));
  nonce_ = std::string(message.nonce) + random_nonce();
  const std::string salt = encode(verifier_.salt);
  std::string reply = wire::make_server_first({nonce_, salt, verifier_.iterations});
  signed_so_far_ = std::string(message.bare) + "," + reply + ",";
  return reply;
}

Result<std::string> ScramServer::last(std::string_view text) {
  const auto message = TRY(wire::read_client_final(text));
  if (message.nonce != nonce_) return refused();
  if (message.binding != expected_binding_) return client_error(Code::denied, "SCRAM channel binding check failed");
  const auto proof = decode_key(message.proof);
  if (!proof.ok()) return refused();
  const std::string signed_text = signed_so_far_ + std::string(message.without_proof);
  const ScramKey client_key = exclusive_or(*proof, hmac(verifier_.stored_key, signed_text));
  if (!equal(sha256(view(client_key)), verifier_.stored_key)) return refused();
  secret_.client_key = client_key;
  secret_.verifier = verifier_;
  return "v=" + encode(hmac(verifier_.server_key, signed_text));
}

ScramClient::~ScramClient() { OPENSSL_cleanse(password_.data(), password_.size()); }

std::string_view ScramClient::mechanism(bool plus_offered) {
  plus_offered_ = plus_offered;
  plus_ = plus_offered && !binding_.empty();
  return plus_ ? wire::kScramSha256Plus : wire::kScramSha256;
}

std::string ScramClient::first() {
  nonce_ = random_nonce();
  bare_ = "n=,r=" + nonce_;
  return (plus_ ? "p=" + std::string(kBindingName) + ",," : std::string(binding_.empty() ? "n,," : "y,,")) + bare_;
}

Result<std::string> ScramClient::last(std::string_view server_first) {
  const auto message = TRY(wire::read_server_first(server_first));
  if (!message.nonce.starts_with(nonce_) || message.nonce.size() == nonce_.size())
    return upstream_error(Code::denied, "the server answered another SCRAM exchange");
  const std::string salt = TRY(decode(message.salt));
  ScramKey client_key;
  ScramKey server_key;
  if (secret_) {
    if (secret_->verifier.salt != salt || secret_->verifier.iterations != message.iterations)
      return config_error("the role's verifier here is older than its password in the database: fetch the verifiers again");
    client_key = secret_->client_key;
    server_key = secret_->verifier.server_key;
  } else {
    const ScramKey salted = TRY(salted_password(password_, salt, message.iterations));
    client_key = hmac(salted, "Client Key");
    server_key = hmac(salted, "Server Key");
  }
  const std::string header = plus_ ? "p=" + std::string(kBindingName) + ",," + binding_ : (binding_.empty() ? "n,," : "y,,");
  const std::string without_proof = "c=" + encode(header) + ",r=" + std::string(message.nonce);
  const std::string signed_text = bare_ + "," + std::string(server_first) + "," + without_proof;
  const ScramKey proof = exclusive_or(client_key, hmac(sha256(view(client_key)), signed_text));
  server_signature_ = hmac(server_key, signed_text);
  OPENSSL_cleanse(client_key.data(), client_key.size());
  return without_proof + ",p=" + encode(proof);
}

Result<void> ScramClient::check(std::string_view server_final) {
  const std::string_view encoded = TRY(wire::read_server_final(server_final));
  const ScramKey signature = TRY(decode_key(encoded));
  if (!equal(signature, server_signature_)) return upstream_error(Code::denied, "the server could not prove that it knows the role");
  return {};
}

ChannelBinding channel_binding(void* ssl, bool of_peer) {
  if (ssl == nullptr) return {};
  X509* certificate = of_peer ? SSL_get1_peer_certificate(static_cast<SSL*>(ssl)) : SSL_get_certificate(static_cast<SSL*>(ssl));
  if (certificate == nullptr) return {};
  // RFC 5929 §4.1: the signature's own hash, SHA-256 in place of MD5 and SHA-1.
  int digest = NID_undef;
  OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, nullptr);
  const EVP_MD* hash = digest == NID_undef || digest == NID_md5 || digest == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(digest);
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const bool made = hash != nullptr && X509_digest(certificate, hash, out, &size) == 1;
  if (of_peer) X509_free(certificate);
  return made ? ChannelBinding(reinterpret_cast<char*>(out), size) : ChannelBinding();
}

}  // namespace bulwark::database
