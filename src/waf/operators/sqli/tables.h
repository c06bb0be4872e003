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

struct WordFacts {
  char type = 0;               ///< the token type; 0 if it is no known word
  bool begins_phrase = false;  ///< some phrase begins with it and a space
};
/// What is known of a word, phrase or two-character operator, in any case.
WordFacts word_facts(std::string_view word);
inline char word_type(std::string_view word) { return word_facts(word).type; }

/// Whether token types in this order are known from injections.
bool is_known_fingerprint(std::string_view types);

}  // namespace bulwark::waf::sqli
