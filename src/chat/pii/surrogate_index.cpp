// A first-child, next-sibling trie: small, and built in the order in which values turn up.
#include "chat/pii/surrogate_index.h"

#include "wire/json/writer.h"

namespace bulwark::chat::pii {

std::uint32_t SurrogateIndex::find_child(std::uint32_t first, std::uint8_t byte) const {
  while (first != kNone && nodes_[first].byte != byte) first = nodes_[first].sibling;
  return first;
}

bool SurrogateIndex::add(std::string_view surrogate, std::string_view original) {
  if (surrogate.empty() || contains(surrogate)) return false;
  std::uint32_t parent = kNone;
  for (char c : surrogate) {
    const std::uint8_t byte = fold(c);
    const std::uint32_t first = parent == kNone ? roots_[byte] : nodes_[parent].child;
    std::uint32_t at = find_child(first, byte);
    if (at == kNone) {
      at = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back({.sibling = first, .byte = byte});
      (parent == kNone ? roots_[byte] : nodes_[parent].child) = at;
    }
    parent = at;
  }
  nodes_[parent].original = static_cast<std::uint32_t>(originals_.size());
  originals_.emplace_back(original);
  return true;
}

bool SurrogateIndex::contains(std::string_view surrogate) const { return match(surrogate).length == surrogate.size(); }

SurrogateIndex::Match SurrogateIndex::match(std::string_view text) const {
  Match best;
  std::uint32_t next = text.empty() ? kNone : roots_[fold(text.front())];
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint32_t at = find_child(next, fold(text[i]));
    if (at == kNone) return best;
    if (nodes_[at].original != kNone) {
      best.length = i + 1;
      best.original = originals_[nodes_[at].original];
    }
    next = nodes_[at].child;
  }
  best.undecided = next != kNone;
  return best;
}

namespace {

void append_original(std::string& out, std::string_view original, Escape escape) {
  if (escape == Escape::none) {
    out.append(original);
    return;
  }
  std::string quoted;
  json::append_string(quoted, original);
  out.append(quoted, 1, quoted.size() - 2);
}

}  // namespace

void Restorer::feed(const SurrogateIndex& index, std::string_view text, bool last, std::string& out) {
  std::string joined;
  if (!pending_.empty()) {
    joined = std::move(pending_);
    joined.append(text);
    text = joined;
    pending_.clear();
  }
  std::size_t plain = 0;  // start of text that is certain but not yet written
  for (std::size_t at = 0; at < text.size();) {
    if (!index.may_begin(text[at])) {
      ++at;
      continue;
    }
    const SurrogateIndex::Match match = index.match(text.substr(at));
    if (match.undecided && !last) {
      out.append(text.substr(plain, at - plain));
      pending_.assign(text.substr(at));
      return;
    }
    if (match.length == 0) {
      ++at;
      continue;
    }
    out.append(text.substr(plain, at - plain));
    append_original(out, match.original, escape_);
    plain = at += match.length;
  }
  out.append(text.substr(plain));
}

std::string restore(const SurrogateIndex& index, std::string_view text, Escape escape) {
  std::string out;
  Restorer restorer(escape);
  restorer.feed(index, text, true, out);
  return out;
}

}  // namespace bulwark::chat::pii
