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
  static constexpr std::size_t kMaxOccurrences = 64;    ///< of one value; more are not looked at
  static constexpr std::size_t kMaxChain = 8;           ///< places kept of one gram
  static constexpr std::size_t kMaxSteps = 10'000'000;  ///< of comparing one statement; each about a nanosecond

  /// Both must outlive the matcher.
  Matcher(std::string_view text, std::span<const sql::Token> tokens) : text_(text), tokens_(tokens) {}

  /// Also looks for what apps commonly make of a value before they use it (see taint_variants.h).
  bool changes_structure(std::string_view value);
  /// For a value of an earlier request, as prepared(): whether it stands in the text, whole, and left the place of one value. Stricter
  /// than changes_structure(), since over a long time more coincides: a phrase of SQL words alone ("is not null order by") does not count,
  /// nor what the text begins with.
  bool breaks_out(std::string_view prepared);
  bool holds_literals() const;
  /// So much was compared that no more will be: what was not found may be there all the same.
  bool exhausted() const { return left_ == 0; }

 private:
  bool found(std::string_view value);
  bool whole(std::string_view value);
  bool in_part(std::string_view value);
  bool judge(std::size_t begin, std::size_t end, bool is_whole);
  bool is_strong(std::size_t i, std::size_t begin) const;
  std::size_t next_strong(std::size_t i);
  bool is_sign(std::size_t i, std::size_t begin) const;
  void lower_text();
  bool spend(std::size_t steps) {
    left_ = steps > left_ ? 0 : left_ - steps;
    return left_ > 0;
  }
  std::size_t find(std::string_view value, std::size_t from);
  bool may_hold(std::string_view value);
  void index_grams();
  std::size_t first_token_after(std::size_t offset) const;

  /// One place of a gram; the bytes stand in the text. Small, since a hostile text has a million different ones.
  struct Gram {
    std::uint32_t place = 0;
    std::uint32_t next = kNone;  ///< of the same bytes
    std::uint32_t count = 1;     ///< in the first of its chain: how many there are
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Slot {
    std::uint32_t first = kNone;  ///< index into `grams_`; kNone: free
    std::uint32_t tag = 0;        ///< of the gram's hash; with its lower bits it also says where the slot is
  };
  /// Where the first place of a gram is noted, or would be.
  Slot& slot_of(std::uint64_t bytes);
  void note(std::size_t place);
  void widen();

  std::string_view text_;
  std::span<const sql::Token> tokens_;
  std::string lowered_;
  bool indexed_ = false;
  std::vector<Gram> grams_;
  std::vector<Slot> slots_;
  std::size_t taken_ = 0;
  std::vector<std::uint32_t> next_strong_;
  std::vector<std::uint64_t> trigrams_;  ///< a bit for each hash of three bytes of the text in a row; of a long one only
  std::size_t left_ = kMaxSteps;
};

}  // namespace bulwark::database::taint
