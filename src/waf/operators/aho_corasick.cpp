#include "waf/operators/aho_corasick.h"

#include <algorithm>
#include <deque>

#include "waf/transforms/ascii.h"

namespace bulwark::waf {

Result<AhoCorasick> AhoCorasick::build(const std::vector<std::string>& phrases) {
  AhoCorasick automaton;
  for (const std::string& phrase : phrases) {
    for (const char c : phrase) {
      auto& group = automaton.class_of_[static_cast<unsigned char>(lower(c))];
      if (group == 0) group = static_cast<std::uint8_t>(automaton.classes_++);
    }
  }
  for (int c = 'A'; c <= 'Z'; ++c) automaton.class_of_[static_cast<std::size_t>(c)] = automaton.class_of_[static_cast<std::size_t>(c + 32)];
  automaton.next_.assign(automaton.classes_, 0);
  automaton.longest_.assign(1, 0);
  for (const std::string& phrase : phrases) {
    automaton.add(phrase);
    if (automaton.longest_.size() > kMaxStates) return config_error("the phrases need too large an automaton");
  }
  automaton.link();
  return automaton;
}

void AhoCorasick::add(std::string_view phrase) {
  std::uint32_t state = 0;
  for (const char c : phrase) {
    const std::size_t edge = state * classes_ + class_of_[static_cast<unsigned char>(c)];
    if (next_[edge] == 0) {
      next_[edge] = static_cast<std::uint32_t>(longest_.size());
      longest_.push_back(0);
      next_.resize(next_.size() + classes_, 0);
    }
    state = next_[edge];
  }
  longest_[state] = std::max(longest_[state], static_cast<std::uint32_t>(phrase.size()));
}

/// Turns the tree into an automaton: a missing edge goes where the longest proper suffix would go.
void AhoCorasick::link() {
  std::vector<std::uint32_t> suffix(longest_.size(), 0);
  std::deque<std::uint32_t> queue;
  for (std::size_t c = 1; c < classes_; ++c) {
    if (next_[c] != 0) queue.push_back(next_[c]);
  }
  while (!queue.empty()) {
    const std::uint32_t state = queue.front();
    queue.pop_front();
    if (longest_[state] == 0) longest_[state] = longest_[suffix[state]];
    for (std::size_t c = 1; c < classes_; ++c) {
      std::uint32_t& edge = next_[state * classes_ + c];
      const std::uint32_t other = next_[suffix[state] * classes_ + c];
      if (edge == 0) {
        edge = other;
      } else {
        suffix[edge] = other;
        queue.push_back(edge);
      }
    }
  }
}

AhoCorasick::Found AhoCorasick::find_first(std::string_view text) const {
  std::size_t state = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    state = next_[state * classes_ + class_of_[static_cast<unsigned char>(text[i])]];
    if (longest_[state] != 0) [[unlikely]]
      return {i + 1 - longest_[state], i + 1};
  }
  return {};
}

}  // namespace bulwark::waf
