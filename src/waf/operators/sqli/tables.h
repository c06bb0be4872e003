// What is known of SQL's words and of the fingerprints of injections; tables.cpp holds it, tools/sqli_tables.py writes that.
#pragma once

#include <span>
#include <string_view>

namespace bulwark::waf::sqli {

/// All words and phrases of one token type, in upper case, a tab behind each.
struct WordClass {
  char type;
  std::string_view words;
};
extern const std::span<const WordClass> kWordClasses;

/// Fingerprints of one to five token types, in upper case, each padded to five with spaces.
extern const std::string_view kFingerprints;

/// The token type of a word, phrase or two-character operator in any case; 0 if it is none.
char word_type(std::string_view word);

/// Whether token types in this order are known from injections.
bool is_known_fingerprint(std::string_view types);

}  // namespace bulwark::waf::sqli
