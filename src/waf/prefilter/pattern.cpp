// A recursive-descent parser for the syntax of pcre2pattern(3). It may refuse, it must not guess: what is unknown ends in nullopt.
#include "waf/prefilter/pattern.h"

#include <string>
#include <tuple>
#include <utility>

namespace bulwark::waf {
namespace {

constexpr std::size_t kMaxDepth = 250;  // PCRE2's own default limit for parentheses
constexpr std::uint32_t kUnbounded = 0xffffffff;

struct Flags {
  bool caseless = false;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

ByteSet range(int first, int last) {
  ByteSet set;
  for (int c = first; c <= last; ++c) set.add(static_cast<unsigned char>(c));
  return set;
}

ByteSet digits() { return range('0', '9'); }
ByteSet word() {
  ByteSet set = digits();
  set.unite(range('a', 'z'));
  set.unite(range('A', 'Z'));
  set.add('_');
  return set;
}
ByteSet space() {
  ByteSet set = range(9, 13);
  set.add(' ');
  return set;
}
ByteSet horizontal() {
  ByteSet set;
  for (const int c : {0x09, 0x20, 0xa0}) set.add(static_cast<unsigned char>(c));
  return set;
}
ByteSet vertical() {
  ByteSet set = range(10, 13);
  set.add(0x85);
  return set;
}
ByteSet inverted(ByteSet set) {
  set.invert();
  return set;
}
ByteSet everything() { return range(0, 255); }

void fold(ByteSet& set) {
  for (int c = 'a'; c <= 'z'; ++c) {
    if (set.has(static_cast<unsigned char>(c)) || set.has(static_cast<unsigned char>(c - 32))) {
      set.add(static_cast<unsigned char>(c));
      set.add(static_cast<unsigned char>(c - 32));
    }
  }
}

/// \d, \W, \h … ; nullopt: not a class.
std::optional<ByteSet> class_escape(char c) {
  switch (c) {
    case 'd': return digits();
    case 'D': return inverted(digits());
    case 'w': return word();
    case 'W': return inverted(word());
    case 's': return space();
    case 'S': return inverted(space());
    case 'h': return horizontal();
    case 'H': return inverted(horizontal());
    case 'v': return vertical();
    case 'V': return inverted(vertical());
    default: return std::nullopt;
  }
}

std::optional<ByteSet> posix_class(std::string_view name) {
  if (name == "alpha") {
    ByteSet s = range('a', 'z');
    s.unite(range('A', 'Z'));
    return s;
  }
  if (name == "digit") return digits();
  if (name == "alnum") {
    ByteSet s = range('a', 'z');
    s.unite(range('A', 'Z'));
    s.unite(digits());
    return s;
  }
  if (name == "upper") return range('A', 'Z');
  if (name == "lower") return range('a', 'z');
  if (name == "space") return space();
  if (name == "blank") {
    ByteSet s;
    s.add(' ');
    s.add('\t');
    return s;
  }
  if (name == "word") return word();
  if (name == "xdigit") {
    ByteSet s = digits();
    s.unite(range('a', 'f'));
    s.unite(range('A', 'F'));
    return s;
  }
  if (name == "cntrl") {
    ByteSet s = range(0, 31);
    s.add(127);
    return s;
  }
  if (name == "print") return range(32, 126);
  if (name == "graph") return range(33, 126);
  if (name == "punct") {
    ByteSet s = range(33, 47);
    s.unite(range(58, 64));
    s.unite(range(91, 96));
    s.unite(range(123, 126));
    return s;
  }
  if (name == "ascii") return range(0, 127);
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<PatternNode> parse() {
    Flags flags;
    PatternNode node = choice(flags, 0);
    if (failed_ || at_ != text_.size()) return std::nullopt;
    return node;
  }

 private:
  using Kind = PatternNode::Kind;

  bool more() const { return at_ < text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool take(std::string_view what) {
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  PatternNode fail() {
    failed_ = true;
    at_ = text_.size();
    return {};
  }

  PatternNode single(ByteSet set, const Flags& flags) const {
    if (flags.caseless) fold(set);
    PatternNode node;
    node.kind = Kind::bytes;
    node.set = set;
    return node;
  }
  PatternNode single(unsigned char c, const Flags& flags) const {
    ByteSet set;
    set.add(c);
    return single(set, flags);
  }

  // Inline flags such as (?i) hold to the end of the enclosing group, over its alternatives too.
  PatternNode choice(Flags flags, std::size_t depth) {
    if (depth > kMaxDepth) return fail();
    PatternNode node;
    node.kind = Kind::choice;
    node.children.push_back(sequence(flags, depth));
    while (!failed_ && take("|")) node.children.push_back(sequence(flags, depth));
    if (node.children.size() == 1) return std::move(node.children[0]);
    return node;
  }

  PatternNode sequence(Flags& flags, std::size_t depth) {
    PatternNode node;
    node.kind = Kind::sequence;
    while (!failed_ && more() && peek() != '|' && peek() != ')') {
      bool quantifiable = true;
      PatternNode item = atom(flags, depth, quantifiable);
      if (!failed_) node.children.push_back(quantified(std::move(item), quantifiable));
    }
    return node;
  }

  std::optional<std::pair<std::uint32_t, std::uint32_t>> braces() {
    std::size_t i = at_ + 1;
    auto number = [&](std::uint32_t& value) {
      const std::size_t start = i;
      value = 0;
      while (i < text_.size() && is_digit(text_[i]) && i - start < 6) value = value * 10 + static_cast<std::uint32_t>(text_[i++] - '0');
      return i > start;
    };
    std::uint32_t least = 0;
    std::uint32_t most = 0;
    if (!number(least)) return std::nullopt;
    most = least;
    if (i < text_.size() && text_[i] == ',') {
      ++i;
      if (!number(most)) most = kUnbounded;
    }
    if (i >= text_.size() || text_[i] != '}') return std::nullopt;
    at_ = i + 1;
    return std::pair{least, most};
  }

  PatternNode quantified(PatternNode item, bool quantifiable) {
    while (more() && quantifiable) {
      std::uint32_t least = 0;
      std::uint32_t most = kUnbounded;
      if (peek() == '*')
        ++at_;
      else if (peek() == '+') {
        ++at_;
        least = 1;
      } else if (peek() == '?') {
        ++at_;
        most = 1;
      } else if (peek() == '{') {
        const auto counts = braces();
        if (!counts) return item;
        std::tie(least, most) = *counts;
      } else {
        return item;
      }
      if (peek() == '?' || peek() == '+') ++at_;  // lazy or possessive: the same language or a smaller one
      PatternNode repeat;
      repeat.kind = Kind::repeat;
      repeat.least = least;
      repeat.most = most;
      repeat.children.push_back(std::move(item));
      item = std::move(repeat);
    }
    return item;
  }

  PatternNode atom(Flags& flags, std::size_t depth, bool& quantifiable) {
    const char c = text_[at_++];
    switch (c) {
      case '.': return single(everything(), flags);  // as if DOTALL: the wider set is the safe one
      case '^':
      case '$': return {};
      case '*':
      case '+':
      case '?': return fail();
      case '[': return bracket(flags);
      case '(': return group(flags, depth, quantifiable);
      case '\\': return escape(flags);
      default: return single(static_cast<unsigned char>(c), flags);
    }
  }

  PatternNode group(Flags& flags, std::size_t depth, bool& quantifiable) {
    if (peek() == '*') return fail();  // verbs
    bool assertion = false;
    Flags inner = flags;
    if (take("?")) {
      if (take(":") || take(">") || take("|")) {
        // a plain group, atomic, or with reset numbers: the language inside is what counts
      } else if (take("=") || take("!") || take("<=") || take("<!")) {
        assertion = true;
      } else if (take("P<") || take("<")) {
        while (more() && peek() != '>') ++at_;
        if (!take(">")) return fail();
      } else if (take("'")) {
        while (more() && peek() != '\'') ++at_;
        if (!take("'")) return fail();
      } else if (!inline_flags(inner)) {
        return fail();  // conditions, recursion, callouts, comments
      } else if (peek() == ')') {
        ++at_;
        flags = inner;
        quantifiable = false;
        return {};
      } else if (!take(":")) {
        return fail();
      }
    }
    PatternNode node = close(choice(inner, depth + 1));
    return assertion ? PatternNode{} : node;
  }

  PatternNode close(PatternNode node) { return take(")") ? std::move(node) : fail(); }

  // Extended syntax (x) is refused: there, white space decides what a quantifier belongs to.
  bool inline_flags(Flags& flags) {
    bool on = true;
    for (;; ++at_) {
      switch (peek()) {
        case '^': flags = Flags{}; break;
        case '-': on = false; break;
        case 'i': flags.caseless = on; break;
        case 's':
        case 'm':
        case 'n':
        case 'J':
        case 'U': break;
        case ')':
        case ':': return true;
        default: return false;
      }
    }
  }

  /// After a backslash, for what denotes one byte; nullopt: it does not, and nothing was consumed.
  std::optional<unsigned char> byte_escape(bool in_class) {
    const char c = peek();
    switch (c) {
      case 'a': ++at_; return 7;
      case 'e': ++at_; return 27;
      case 'f': ++at_; return 12;
      case 'n': ++at_; return 10;
      case 'r': ++at_; return 13;
      case 't': ++at_; return 9;
      case 'x': return hex_escape();
      case 'c': {
        const char which = peek(1);
        if (which < 32 || which > 126) return std::nullopt;
        at_ += 2;
        return static_cast<unsigned char>((which >= 'a' && which <= 'z' ? which - 32 : which) ^ 64);
      }
      default: break;
    }
    if (c == 'b' && in_class) {
      ++at_;
      return 8;
    }
    if (c == '0' || (in_class && c >= '1' && c <= '7')) {
      unsigned value = 0;
      for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i) value = value * 8 + static_cast<unsigned>(text_[at_++] - '0');
      if (value > 255) return std::nullopt;
      return static_cast<unsigned char>(value);
    }
    if (!is_letter(c) && !is_digit(c) && more()) {
      ++at_;
      return static_cast<unsigned char>(c);
    }
    return std::nullopt;
  }

  std::optional<unsigned char> hex_escape() {
    std::size_t i = at_ + 1;
    unsigned value = 0;
    if (i < text_.size() && text_[i] == '{') {
      for (++i; i < text_.size() && hex_value(text_[i]) >= 0; ++i) {
        value = value * 16 + static_cast<unsigned>(hex_value(text_[i]));
        if (value > 255) return std::nullopt;
      }
      if (i >= text_.size() || text_[i] != '}') return std::nullopt;
      at_ = i + 1;
      return static_cast<unsigned char>(value);
    }
    for (int n = 0; n < 2 && i < text_.size() && hex_value(text_[i]) >= 0; ++n)
      value = value * 16 + static_cast<unsigned>(hex_value(text_[i++]));
    at_ = i;
    return static_cast<unsigned char>(value);
  }

  PatternNode escape(const Flags& flags) {
    if (!more()) return fail();
    const char c = peek();
    if (const auto set = class_escape(c)) {
      ++at_;
      return single(*set, flags);
    }
    switch (c) {
      case 'b':
      case 'B':
      case 'A':
      case 'z':
      case 'Z':
      case 'G': ++at_; return {};
      case 'N':
        if (peek(1) == '{') return fail();
        ++at_;
        return single(everything(), flags);
      case 'R': {
        ++at_;
        return single(vertical(), flags);  // at least one byte of these
      }
      case 'Q':
      case 'E':  // quoting changes what a quantifier belongs to
      case 'k':
      case 'g':
      case 'K':
      case 'o':
      case 'p':
      case 'P':
      case 'X':
      case 'C':
      case 'u':
      case 'U':
      case 'L':
      case 'l': return fail();
      default: break;
    }
    if (c >= '1' && c <= '9') {  // a back reference: what it repeats may be empty
      while (is_digit(peek())) ++at_;
      PatternNode any;
      any.kind = Kind::repeat;
      any.most = kUnbounded;
      any.children.push_back(single(everything(), flags));
      return any;
    }
    if (const auto byte = byte_escape(false)) return single(*byte, flags);
    return fail();
  }

  PatternNode bracket(const Flags& flags) {
    const bool negated = take("^");
    ByteSet set;
    bool first = true;
    while (true) {
      if (!more()) return fail();
      if (peek() == ']' && !first) {
        ++at_;
        break;
      }
      first = false;
      if (peek() == '[' && (peek(1) == ':' || peek(1) == '.' || peek(1) == '=')) {
        const std::size_t end = text_.find(":]", at_ + 2);
        std::string_view name = end == std::string_view::npos ? std::string_view{} : text_.substr(at_ + 2, end - at_ - 2);
        const bool inverse = name.starts_with('^');
        if (inverse) name.remove_prefix(1);
        const auto known = peek(1) == ':' ? posix_class(name) : std::nullopt;
        if (known) {
          set.unite(inverse ? inverted(*known) : *known);
          at_ = end + 2;
          continue;
        }
        if (peek(1) != ':' || end != std::string_view::npos) return fail();
      }
      if (!class_item(set)) return fail();
    }
    if (flags.caseless) fold(set);  // before inversion: [^a] without case leaves out both
    if (negated) set.invert();
    return single(set, Flags{});
  }

  bool class_item(ByteSet& set) {
    std::optional<unsigned char> low;
    if (peek() == '\\') {
      if (peek(1) == 'Q' || peek(1) == 'E') return false;
      if (const auto known = class_escape(peek(1))) {
        at_ += 2;
        set.unite(*known);
        return true;
      }
      ++at_;
      low = byte_escape(true);
      if (!low) return false;
    } else {
      low = static_cast<unsigned char>(text_[at_++]);
    }
    if (peek() != '-' || peek(1) == ']' || peek(1) == '\0') {
      set.add(*low);
      return true;
    }
    std::size_t saved = at_++;
    std::optional<unsigned char> high;
    if (peek() == '\\') {
      if (class_escape(peek(1))) {
        at_ = saved;  // "a-\d": the hyphen stands for itself
        set.add(*low);
        return true;
      }
      ++at_;
      high = byte_escape(true);
    } else if (peek() == '[' && peek(1) == ':') {
      return false;
    } else {
      high = static_cast<unsigned char>(text_[at_++]);
    }
    if (!high || *high < *low) return false;
    set.unite(range(*low, *high));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<PatternNode> parse_pattern(std::string_view pattern) { return Parser(pattern).parse(); }

}  // namespace bulwark::waf
