#include "crypto/password.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace bulwark::crypto {
namespace {

bool same_letters(char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b)); }

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return !part.empty() && std::search(text.begin(), text.end(), part.begin(), part.end(), same_letters) != text.end();
}

/// What guessing tools try first once a length of 12 is asked for.
constexpr std::array<std::string_view, 8> kGuessedFirst = {"password", "passwort", "qwertyuiop",    "123456789",
                                                           "letmein",  "iloveyou", "administrator", "bulwark"};

}  // namespace

std::string_view password_objection(std::string_view password, std::string_view user) {
  if (password.size() < kMinPasswordBytes) return "Use at least 12 characters. A few unrelated words are easy to remember.";
  if (password.size() > kMaxPasswordBytes) return "Use at most 256 bytes.";
  if (user.size() >= 3 && contains_ignoring_case(password, user)) return "Leave your user name out of the password.";
  for (const auto word : kGuessedFirst)
    if (contains_ignoring_case(password, word)) return "This contains a word that attackers guess first. Choose another.";
  if (std::all_of(password.begin(), password.end(), [&](char each) { return each == password.front(); }))
    return "Use more than one character over and over.";
  return {};
}

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
  if (sodium_init() < 0) return internal_error(Code::unavailable, "libsodium could not be initialised");
  if (password.size() > kMaxPasswordBytes) return client_error(Code::too_large, "password exceeds 256 bytes");
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), cost.passes, cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) !=
      0)
    return internal_error(Code::exhausted, "no memory to hash a password");
  return std::string(out.data());
}

bool verify_password(std::string_view hash, std::string_view password) {
  if (sodium_init() < 0 || hash.size() >= crypto_pwhash_STRBYTES || password.size() > kMaxPasswordBytes) return false;
  return crypto_pwhash_str_verify(std::string(hash).c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(std::string_view hash, const PasswordCost& cost) {
  if (sodium_init() < 0 || hash.size() >= crypto_pwhash_STRBYTES) return true;
  return crypto_pwhash_str_needs_rehash(std::string(hash).c_str(), cost.passes, cost.memory_bytes) != 0;
}

}  // namespace bulwark::crypto
