// Finds where a value from outside stands in a statement's text, and whether it covers more there than a value may.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/sql/lexer.h"

namespace bulwark::database::taint {

/// A value as breaks_out() wants it: without white space around it, in lower case.
std::string prepared(std::string_view value);

class Matcher {
 public:
  /// Shorter common parts than this say nothing, unless they are the whole value.
  static constexpr std::size_t kGram = 6;
  static constexpr std::size_t kMaxOccurrences = 64;  ///< of one value; more are not looked at
  static constexpr std::size_t kMaxChain = 8;         ///< places kept of one gram

  /// Both must outlive the matcher.
  Matcher(std::string_view text, std::span<const sql::Token> tokens) : text_(text), tokens_(tokens) {}

  /// Also looks for what apps commonly make of a value before they use it (see taint_variants.h).
  bool changes_structure(std::string_view value);
  /// For a value of an earlier request, as prepared(): whether it stands in the text, whole, and left the place of one value. Stricter
  /// than changes_structure(), since over a long time more coincides: a phrase of SQL words alone ("is not null order by") does not count,
  /// nor what the text begins with.
  bool breaks_out(std::string_view prepared);
  bool holds_literals() const;

 private:
  bool found(std::string_view value);
  bool whole(std::string_view value);
  bool in_part(std::string_view value);
  bool judge(std::size_t begin, std::size_t end, bool is_whole) const;
  bool is_sign(std::size_t i, std::size_t begin) const;
  void lower_text();
  void index_grams();
  std::size_t first_token_after(std::size_t offset) const;

  struct Gram {
    std::uint64_t bytes = 0;  ///< the gram itself, packed; 0: free
    std::uint32_t places[kMaxChain] = {};
    std::uint32_t count = 0;
  };
  Gram* find_gram(std::uint64_t bytes, bool insert);

  std::string_view text_;
  std::span<const sql::Token> tokens_;
  std::string lowered_;
  bool indexed_ = false;
  std::vector<Gram> grams_;
};

}  // namespace bulwark::database::taint
