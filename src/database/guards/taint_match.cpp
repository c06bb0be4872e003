// Whole values are searched for as they are; parts of values by the six-byte grams of the text that cross a border between tokens,
// since only such a part can change structure. All comparisons ignore ASCII case.
#include "database/guards/taint_match.h"

#include <algorithm>
#include <array>

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
  return std::binary_search(std::begin(kWords), std::end(kWords), word);
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
  if (tokens_.empty()) return false;
  if (found(value)) return true;
  bool guilty = false;
  for_each_variant(value, [&](std::string_view variant) { guilty = guilty || found(variant); });
  return guilty;
}

bool Matcher::breaks_out(std::string_view value) {
  if (tokens_.empty() || value.size() < 2) return false;
  lower_text();
  std::size_t found = 0;
  for (std::size_t at = lowered_.find(value); at != std::string::npos && found < kMaxOccurrences;
       at = lowered_.find(value, at + 1), ++found) {
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

bool Matcher::whole(std::string_view value) {
  std::size_t found = 0;
  for (std::size_t at = lowered_.find(value); at != std::string::npos && found < kMaxOccurrences;
       at = lowered_.find(value, at + 1), ++found)
    if (judge(at, at + value.size(), true)) return true;
  return false;
}

Matcher::Gram* Matcher::find_gram(std::uint64_t bytes, bool insert) {
  const std::size_t mask = grams_.size() - 1;
  std::size_t slot = (bytes * 0x9e3779b97f4a7c15ULL >> 20) & mask;
  while (grams_[slot].bytes != 0 && grams_[slot].bytes != bytes) slot = (slot + 1) & mask;
  if (grams_[slot].bytes == 0 && !insert) return nullptr;
  grams_[slot].bytes = bytes;
  return &grams_[slot];
}

void Matcher::index_grams() {
  if (indexed_) return;
  indexed_ = true;
  std::size_t size = 64;
  while (size < tokens_.size() * kGram * 2) size *= 2;
  grams_.resize(size);
  std::size_t next = 0;
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    const std::size_t border = tokens_[i].end;
    const std::size_t until = tokens_[i + 1].begin;  // the gram reaches at least from the last byte before to the first after
    for (std::size_t at = std::max(next, border < kGram ? 0 : border - kGram + 1); at <= until && at + kGram <= lowered_.size(); ++at) {
      next = at + 1;
      Gram* gram = find_gram(pack(lowered_.data() + at), true);
      if (gram->count < kMaxChain) gram->places[gram->count++] = static_cast<std::uint32_t>(at);
      if (at - (border < kGram ? 0 : border - kGram + 1) > 2 * kGram) break;  // long white space holds nothing new
    }
  }
}

bool Matcher::in_part(std::string_view value) {
  if (value.size() <= kGram || lowered_.size() < kGram) return false;
  index_grams();
  for (std::size_t at = 0; at + kGram <= value.size();) {
    const Gram* gram = find_gram(pack(value.data() + at), false);
    std::size_t furthest = at;
    for (std::uint32_t k = 0; gram != nullptr && k < gram->count; ++k) {
      std::size_t begin = gram->places[k];
      std::size_t from = at;
      while (begin > 0 && from > 0 && lowered_[begin - 1] == value[from - 1]) --begin, --from;
      std::size_t end = gram->places[k] + kGram;
      std::size_t to = at + kGram;
      while (end < lowered_.size() && to < value.size() && lowered_[end] == value[to]) ++end, ++to;
      if (judge(begin, end, false)) return true;
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

/// Whether the bytes [begin, end) of the text, known to come from outside, cover more than a value may.
bool Matcher::judge(std::size_t begin, std::size_t end, bool is_whole) const {
  std::size_t covered = 0;
  std::size_t strong = 0;  // signs of structure: literals' borders, comments, operators, brackets, structural words
  bool leaves_literal = false;
  for (std::size_t i = first_token_after(begin); i < tokens_.size() && tokens_[i].begin < end; ++i) {
    const Token& token = tokens_[i];
    ++covered;
    const std::string_view piece = std::string_view(lowered_).substr(token.begin, token.end - token.begin);
    switch (token.kind) {
      case TokenKind::string:
        if (token.begin < begin || token.end > end) leaves_literal = true;
        ++strong;
        break;
      case TokenKind::comment:
        ++strong;
        leaves_literal = true;
        break;
      case TokenKind::op:
        if (!is_sign(i, begin)) ++strong;
        break;
      case TokenKind::punctuation:
        if (piece != "," && piece != ".") ++strong;
        break;
      case TokenKind::word:
        if (is_structural(piece)) ++strong;
        break;
      default: break;
    }
  }
  if (covered < 2 || strong == 0) return false;  // inside one token, or a plain list of names and numbers
  if (is_whole) return true;
  return covered >= 4 || (leaves_literal && covered >= 3);
}

}  // namespace bulwark::database::taint
