// Walks the syntax tree bottom-up. Each subtree is either a small finite set of strings, which neighbours multiply into longer
// ones, or known only by the best set of strings of which each match contains at least one.
#include "waf/prefilter/requirement.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "waf/prefilter/pattern.h"
#include "waf/seclang/text.h"

namespace bulwark::waf {
namespace {

using Strings = std::vector<std::string>;

constexpr std::size_t kMaxProduct = 64;  // strings that a sequence may multiply out to
constexpr std::size_t kMaxExactLength = 32;
constexpr int kMaxExactBytes = 4;               // a class of more bytes is not multiplied out
constexpr std::size_t kUsefulLength = 2;        // shorter literals are found everywhere
constexpr int kCommon = 12;                     // how much a byte of ordinary input weighs; one that is not weighs 1
constexpr std::size_t kMaxMinLength = 1 << 20;  // nested counts multiply; what is longer is as good as this

/// One of the strings or one of the bytes occurs.
struct Literals {
  Strings strings;
  ByteSet bytes;
  bool empty() const { return strings.empty() && bytes.count() == 0; }
  void add(const Literals& other) {
    strings.insert(strings.end(), other.strings.begin(), other.strings.end());
    bytes.unite(other.bytes);
  }
};

struct Known {
  std::size_t min_length = 0;
  std::optional<Strings> exact;  ///< the whole language, lower case
  Literals literals;             ///< the best set seen; empty: none
  std::vector<ByteSet> byte_sets;
};

void normalise(Strings& strings) {
  std::sort(strings.begin(), strings.end());
  strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
}

std::size_t shortest(const Strings& strings) {
  std::size_t length = ~std::size_t{0};
  for (const auto& each : strings) length = std::min(length, each.size());
  return strings.empty() ? 0 : length;
}

/// How much of ordinary input would pass: letters, digits and spaces are everywhere, punctuation is not.
int commonness(const ByteSet& set) {
  int total = 0;
  for (int c = 0; c < 256; ++c) {
    if (!set.has(static_cast<unsigned char>(c))) continue;
    const char folded = lower(static_cast<char>(c));
    const bool common = (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9') || c == ' ' || c == '.' || c == '/' || c == '-';
    total += common ? kCommon : 1;
  }
  return total;
}

bool is_rare(const ByteSet& set) { return commonness(set) < kCommon; }

/// Strings alone first of all, then longer ones; among equally long ones, fewer.
bool better(const Literals& a, const Literals& b) {
  if (b.empty() || a.empty()) return !a.empty();
  const int bytes_a = a.bytes.count();
  const int bytes_b = b.bytes.count();
  if (bytes_a != bytes_b) return bytes_a < bytes_b;
  const std::size_t length_a = std::min<std::size_t>(shortest(a.strings), 6);
  const std::size_t length_b = std::min<std::size_t>(shortest(b.strings), 6);
  if (length_a != length_b) return length_a > length_b;
  return a.strings.size() < b.strings.size();
}

void consider(Known& known, Literals candidate) {
  std::erase_if(candidate.strings, [&](const std::string& each) {
    ByteSet byte;
    if (each.size() == 1) byte.add(static_cast<unsigned char>(each[0]));
    if (each.size() != 1 || !is_rare(byte)) return false;
    candidate.bytes.unite(byte);
    return true;
  });
  normalise(candidate.strings);
  if (candidate.strings.size() > Requirement::kMaxLiterals) return;
  if (!candidate.strings.empty() && shortest(candidate.strings) < kUsefulLength) return;
  if (better(candidate, known.literals)) known.literals = std::move(candidate);
}

void consider(Known& known, Strings strings) { consider(known, Literals{std::move(strings), {}}); }

void keep_rarest(std::vector<ByteSet>& sets) {
  std::stable_sort(sets.begin(), sets.end(), [](const ByteSet& a, const ByteSet& b) { return commonness(a) < commonness(b); });
  std::vector<ByteSet> kept;
  for (const auto& set : sets)
    if (kept.size() < Requirement::kMaxByteSets && set.count() < 200 && std::find(kept.begin(), kept.end(), set) == kept.end())
      kept.push_back(set);
  sets = std::move(kept);
}

Known look(const PatternNode& node);

Known look_bytes(const PatternNode& node) {
  Known known;
  known.min_length = 1;
  known.byte_sets.push_back(node.set);
  Strings strings;
  for (int c = 0; c < 256; ++c)
    if (node.set.has(static_cast<unsigned char>(c))) strings.emplace_back(1, lower(static_cast<char>(c)));
  normalise(strings);
  if (!strings.empty() && strings.size() <= static_cast<std::size_t>(kMaxExactBytes)) known.exact = std::move(strings);
  return known;
}

std::optional<Strings> product(const Strings& left, const Strings& right) {
  if (left.size() * right.size() > kMaxProduct) return std::nullopt;
  Strings out;
  for (const auto& a : left)
    for (const auto& b : right) {
      if (a.size() + b.size() > kMaxExactLength) return std::nullopt;
      out.push_back(a + b);
    }
  normalise(out);
  return out;
}

Known look_sequence(const PatternNode& node) {
  Known known;
  Strings current{""};
  bool exact = true;
  for (const auto& child : node.children) {
    Known part = look(child);
    known.min_length = std::min(known.min_length + part.min_length, kMaxMinLength);
    known.byte_sets.insert(known.byte_sets.end(), part.byte_sets.begin(), part.byte_sets.end());
    if (part.exact) {
      if (auto longer = product(current, *part.exact)) {
        current = std::move(*longer);
        continue;
      }
    }
    exact = false;
    consider(known, std::move(current));
    consider(known, part.literals);
    current = part.exact ? std::move(*part.exact) : Strings{""};
  }
  keep_rarest(known.byte_sets);
  if (exact) known.exact = current;
  consider(known, std::move(current));
  return known;
}

Known look_choice(const PatternNode& node) {
  Known known;
  known.min_length = ~std::size_t{0};
  Strings exact;
  Literals literals;
  ByteSet united;
  bool all_exact = true;
  bool all_literal = true;
  bool all_bytes = true;
  for (const auto& child : node.children) {
    Known part = look(child);
    known.min_length = std::min(known.min_length, part.min_length);
    all_exact = all_exact && part.exact && exact.size() + part.exact->size() <= 4 * kMaxProduct;
    if (all_exact) exact.insert(exact.end(), part.exact->begin(), part.exact->end());
    keep_rarest(part.byte_sets);
    if (part.literals.empty() && !part.byte_sets.empty() && is_rare(part.byte_sets.front())) part.literals.bytes = part.byte_sets.front();
    all_literal = all_literal && !part.literals.empty();
    literals.add(part.literals);
    all_bytes = all_bytes && !part.byte_sets.empty();
    if (all_bytes) united.unite(part.byte_sets.front());
  }
  if (all_exact) {
    normalise(exact);
    known.exact = std::move(exact);
  }
  if (all_literal) consider(known, std::move(literals));
  if (all_bytes) known.byte_sets.push_back(united);
  return known;
}

Known look_repeat(const PatternNode& node) {
  Known part = look(node.children[0]);
  if (node.least == 0) {
    Known known;
    if (node.most == 1 && part.exact) {
      known.exact = std::move(part.exact);
      known.exact->push_back("");
      normalise(*known.exact);
    }
    return known;
  }
  part.min_length = std::min(part.min_length * node.least, kMaxMinLength);
  if (node.most != 1 && part.exact) {
    consider(part, *part.exact);
    std::optional<Strings> repeated = Strings{""};
    for (std::uint32_t i = 0; i < node.least && i <= kMaxExactLength && repeated; ++i) repeated = product(*repeated, *part.exact);
    if (repeated) consider(part, *repeated);
    if (node.least != node.most) repeated.reset();
    part.exact = std::move(repeated);
  }
  return part;
}

Known look(const PatternNode& node) {
  switch (node.kind) {
    case PatternNode::Kind::bytes: return look_bytes(node);
    case PatternNode::Kind::sequence: return look_sequence(node);
    case PatternNode::Kind::choice: return look_choice(node);
    case PatternNode::Kind::repeat: return look_repeat(node);
    case PatternNode::Kind::nothing: break;
  }
  Known known;
  known.exact = Strings{""};
  return known;
}

}  // namespace

Requirement requirement_of(std::string_view pattern) {
  const auto tree = parse_pattern(pattern);
  if (!tree) return {};
  Known known = look(*tree);
  if (known.exact) consider(known, *known.exact);
  keep_rarest(known.byte_sets);
  Requirement requirement{known.min_length, std::move(known.literals.strings), known.literals.bytes, std::move(known.byte_sets)};
  if (requirement.literals.empty()) requirement.instead = {};  // then it is one of the byte sets
  return requirement;
}

}  // namespace bulwark::waf
