// Whole values are searched for as they are; parts of values by the six-byte grams of the text that cross a border between tokens,
// since only such a part can change structure. All comparisons ignore ASCII case.
#include "database/guards/taint_match.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "database/guards/taint_variants.h"

namespace bulwark::database::taint {
namespace {

using sql::Token;
using sql::TokenKind;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed(std::string_view value) {
  while (!value.empty() && is_space(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_space(value.back())) value.remove_suffix(1);
  return value;
}

/// One word or number cannot reach from one token into another.
bool is_one_word(std::string_view value) { return std::all_of(value.begin(), value.end(), is_word_char); }

/// Words that name nothing: a list that holds one of these is structure, not names.
bool is_structural(std::string_view word) {
  static constexpr std::string_view kWords[] = {
      "all",     "alter",    "and",      "any",    "array",   "as",     "begin",   "between",  "by",       "call",
      "case",    "cast",     "collate",  "commit", "copy",    "create", "cross",   "delete",   "distinct", "do",
      "drop",    "else",     "end",      "except", "execute", "exists", "explain", "false",    "fetch",    "for",
      "from",    "full",     "grant",    "group",  "having",  "ilike",  "in",      "inner",    "insert",   "intersect",
      "into",    "is",       "isnull",   "join",   "lateral", "left",   "like",    "limit",    "natural",  "not",
      "notnull", "null",     "offset",   "on",     "or",      "order",  "outer",   "overlaps", "prepare",  "returning",
      "revoke",  "right",    "rollback", "row",    "select",  "set",    "similar", "some",     "table",    "then",
      "true",    "truncate", "union",    "update", "using",   "values", "when",    "where",    "window",   "with"};
  return word.size() >= 2 && word.size() <= 9 && std::binary_search(std::begin(kWords), std::end(kWords), word);
}

// What comparing costs, in steps of kMaxSteps.
constexpr std::size_t kBytesSkipped = 16;  ///< in one step
constexpr std::size_t kCandidate = 4;
constexpr std::size_t kLookUp = 4;
constexpr std::size_t kJudgement = 30;

constexpr std::size_t kLongText = 4096;  // in a shorter one searching is cheaper than noting what is in it
constexpr unsigned kTrigramBits = 18;

constexpr std::size_t kFirstSlots = 1024;  // a power of two, enough for the usual statement

std::uint32_t trigram(const char* bytes) {
  const auto at = [bytes](int i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  return (at(0) | at(1) << 8 | at(2) << 16) * 0x9e3779b1U >> (32 - kTrigramBits);
}

std::uint64_t pack(const char* bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < Matcher::kGram; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

std::string prepared(std::string_view value) {
  value = trimmed(value);
  std::string out(value);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool Matcher::holds_literals() const {
  return std::any_of(tokens_.begin(), tokens_.end(), [](const Token& token) { return token.literal(); });
}

bool Matcher::changes_structure(std::string_view value) {
  if (tokens_.empty() || !spend(value.size())) return false;
  if (found(value)) return true;
  bool guilty = false;
  for_each_variant(value, [&](std::string_view variant) { guilty = guilty || found(variant); });
  return guilty;
}

bool Matcher::breaks_out(std::string_view value) {
  if (tokens_.empty() || value.size() < 2) return false;
  lower_text();
  if (!may_hold(value)) return false;
  std::size_t found = 0;
  for (std::size_t at = find(value, 0); at != std::string::npos && found < kMaxOccurrences; at = find(value, at + 1), ++found) {
    if (at <= tokens_.front().begin || !judge(at, at + value.size(), true)) continue;
    const Token& first = tokens_[first_token_after(at)];
    const bool begins_inside = first.begin < at;  // of a literal, which it then leaves
    if (begins_inside || first.kind != TokenKind::word ||
        !is_structural(std::string_view(lowered_).substr(first.begin, first.end - first.begin)))
      return true;
  }
  return false;
}

bool Matcher::found(std::string_view value) {
  value = trimmed(value);
  if (value.size() < 2 || is_one_word(value)) return false;
  lower_text();
  const std::string lowered = prepared(value);
  return whole(lowered) || in_part(lowered);
}

void Matcher::lower_text() {
  if (!lowered_.empty()) return;
  lowered_.resize(text_.size());
  std::transform(text_.begin(), text_.end(), lowered_.begin(), lower);
}

/// False: some three bytes of it stand nowhere in the text. Thousands of values are compared with one text.
bool Matcher::may_hold(std::string_view value) {
  if (lowered_.size() < kLongText || value.size() < 3) return true;
  if (trigrams_.empty()) {
    trigrams_.assign((std::size_t{1} << kTrigramBits) / 64, 0);
    for (std::size_t at = 0; at + 3 <= lowered_.size(); ++at) {
      const std::uint32_t bit = trigram(lowered_.data() + at);
      trigrams_[bit / 64] |= std::uint64_t{1} << bit % 64;
    }
  }
  for (std::size_t at = 0; at + 3 <= value.size() && spend(1); ++at) {
    const std::uint32_t bit = trigram(value.data() + at);
    if ((trigrams_[bit / 64] >> bit % 64 & 1) == 0) return false;
  }
  return true;
}

/// As std::string::find(), and counts what that costs. npos also when there is nothing left to spend.
std::size_t Matcher::find(std::string_view value, std::size_t from) {
  const std::string_view text = lowered_;
  while (from + value.size() <= text.size()) {
    const auto* const candidate =
        static_cast<const char*>(std::memchr(text.data() + from, value[0], text.size() - value.size() + 1 - from));
    const std::size_t at = candidate == nullptr ? text.size() : static_cast<std::size_t>(candidate - text.data());
    if (!spend(kCandidate + (at - from) / kBytesSkipped) || candidate == nullptr) return std::string_view::npos;
    const std::size_t few = std::min<std::size_t>(value.size(), kBytesSkipped);
    if (text.compare(at, few, value.substr(0, few)) == 0 && spend(value.size() / kBytesSkipped) &&
        text.compare(at + few, value.size() - few, value.substr(few)) == 0)
      return at;
    from = at + 1;
  }
  return std::string_view::npos;
}

bool Matcher::whole(std::string_view value) {
  if (!may_hold(value)) return false;
  std::size_t found = 0;
  for (std::size_t at = find(value, 0); at != std::string::npos && found < kMaxOccurrences; at = find(value, at + 1), ++found)
    if (judge(at, at + value.size(), true)) return true;
  return false;
}

Matcher::Slot& Matcher::slot_of(std::uint64_t bytes) {
  const std::size_t mask = slots_.size() - 1;
  const auto tag = static_cast<std::uint32_t>(bytes * 0x9e3779b97f4a7c15ULL >> 20);
  std::size_t at = tag & mask;
  const auto other = [&](const Slot& slot) { return slot.tag != tag || pack(lowered_.data() + grams_[slot.first].place) != bytes; };
  while (slots_[at].first != kNone && other(slots_[at])) at = (at + 1) & mask;
  slots_[at].tag = tag;
  return slots_[at];
}

void Matcher::note(std::size_t place) {
  Slot& slot = slot_of(pack(lowered_.data() + place));
  const auto added = static_cast<std::uint32_t>(grams_.size());
  if (slot.first == kNone) {
    slot.first = added;
    grams_.push_back({static_cast<std::uint32_t>(place)});
    if (++taken_ * 2 > slots_.size()) widen();
  } else if (Gram& first = grams_[slot.first]; first.count < kMaxChain) {
    ++first.count;
    const std::uint32_t rest = std::exchange(first.next, added);
    grams_.push_back({static_cast<std::uint32_t>(place), rest});
  }
}

void Matcher::widen() {
  std::vector<Slot> before(slots_.size() * 4);
  before.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& each : before) {
    if (each.first == kNone) continue;
    std::size_t at = each.tag & mask;
    while (slots_[at].first != kNone) at = (at + 1) & mask;
    slots_[at] = each;
  }
}

void Matcher::index_grams() {
  if (indexed_) return;
  indexed_ = true;
  slots_.assign(kFirstSlots, {});
  std::size_t next = 0;
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    const std::size_t border = tokens_[i].end;
    const std::size_t until = tokens_[i + 1].begin;  // the gram reaches at least from the last byte before to the first after
    for (std::size_t at = std::max(next, border < kGram ? 0 : border - kGram + 1); at <= until && at + kGram <= lowered_.size(); ++at) {
      next = at + 1;
      note(at);
      if (at - (border < kGram ? 0 : border - kGram + 1) > 2 * kGram) break;  // long white space holds nothing new
    }
  }
}

bool Matcher::in_part(std::string_view value) {
  if (value.size() <= kGram || lowered_.size() < kGram) return false;
  index_grams();
  for (std::size_t at = 0; at + kGram <= value.size() && spend(kLookUp);) {
    std::size_t furthest = at;
    for (std::uint32_t each = slot_of(pack(value.data() + at)).first; each != kNone; each = grams_[each].next) {
      const std::size_t place = grams_[each].place;
      std::size_t begin = place;
      std::size_t from = at;
      while (begin > 0 && from > 0 && lowered_[begin - 1] == value[from - 1]) --begin, --from;
      std::size_t end = place + kGram;
      std::size_t to = at + kGram;
      while (end < lowered_.size() && to < value.size() && lowered_[end] == value[to]) ++end, ++to;
      if (judge(begin, end, false)) return true;
      if (!spend(end - begin)) return false;
      furthest = std::max(furthest, to - kGram);
    }
    at = furthest + 1;
  }
  return false;
}

std::size_t Matcher::first_token_after(std::size_t offset) const {
  const auto found = std::partition_point(tokens_.begin(), tokens_.end(), [offset](const Token& token) { return token.end <= offset; });
  return static_cast<std::size_t>(found - tokens_.begin());
}

/// A sign before a number, first in the value or in a list of numbers.
bool Matcher::is_sign(std::size_t i, std::size_t begin) const {
  const std::string_view piece = tokens_[i].in(text_);
  if ((piece != "-" && piece != "+") || i + 1 == tokens_.size() || tokens_[i + 1].kind != TokenKind::number) return false;
  return tokens_[i].begin == begin || (i > 0 && tokens_[i - 1].in(text_) == ",");
}

/// A border of a literal, a comment, an operator, a bracket, a structural word. `begin` of the value from outside: it may begin with a
/// sign.
bool Matcher::is_strong(std::size_t i, std::size_t begin) const {
  const Token& token = tokens_[i];
  const std::string_view piece = std::string_view(lowered_).substr(token.begin, token.end - token.begin);
  switch (token.kind) {
    case TokenKind::string:
    case TokenKind::comment: return true;
    case TokenKind::op: return !is_sign(i, begin);
    case TokenKind::punctuation: return piece != "," && piece != ".";
    case TokenKind::word: return is_structural(piece);
    default: return false;
  }
}

/// From `i` on, the first token that is_strong(): long lists of names and numbers are judged many times.
std::size_t Matcher::next_strong(std::size_t i) {
  if (next_strong_.empty()) {
    next_strong_.assign(tokens_.size() + 1, static_cast<std::uint32_t>(tokens_.size()));
    for (std::size_t k = tokens_.size(); k-- > 0;)
      next_strong_[k] = is_strong(k, std::string_view::npos) ? static_cast<std::uint32_t>(k) : next_strong_[k + 1];
  }
  return next_strong_[i];
}

/// Whether the bytes [begin, end) of the text, known to come from outside, cover more than a value may.
bool Matcher::judge(std::size_t begin, std::size_t end, bool is_whole) {
  constexpr std::size_t kFew = 4;
  if (!spend(kJudgement)) return false;
  std::size_t covered = 0;
  bool strong = false;
  bool leaves_literal = false;
  std::size_t i = first_token_after(begin);
  for (; i < tokens_.size() && tokens_[i].begin < end && covered < kFew; ++i) {
    const Token& token = tokens_[i];
    ++covered;
    strong |= is_strong(i, begin);
    leaves_literal |= token.kind == TokenKind::comment || (token.kind == TokenKind::string && (token.begin < begin || token.end > end));
  }
  // Inside one token, or a plain list of names and numbers.
  if (covered == kFew) return strong || (i < tokens_.size() && next_strong(i) < tokens_.size() && tokens_[next_strong(i)].begin < end);
  if (covered < 2 || !strong) return false;
  return is_whole || (leaves_literal && covered >= 3);
}

}  // namespace bulwark::database::taint
