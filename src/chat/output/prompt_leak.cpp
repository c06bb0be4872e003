// The system message told word for word: a run of words of which every three in a row stand in it. Letter case, punctuation and
// layout do not matter; a paraphrase or a translation is not recognised.
#include <algorithm>
#include <string>
#include <vector>

#include "chat/output/guards.h"

namespace bulwark::chat::output {

namespace {

constexpr std::string_view kWhat = "instructions";
constexpr std::size_t kGram = 3;
constexpr std::size_t kMaxPromptWords = 20'000;
constexpr std::size_t kFewestWords = 6;  // a shorter message says nothing worth hiding

struct Word {
  std::size_t begin;
  std::size_t end;
  std::uint64_t hash;
};

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0 || c == '\''; }

std::vector<Word> words_of(std::string_view text, std::size_t limit) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size() && words.size() < limit;) {
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    Word word{at, at, 14695981039346656037ULL};  // FNV-1a
    for (; word.end < text.size() && is_word(text[word.end]); ++word.end) {
      const char c = text[word.end];
      word.hash = (word.hash ^ static_cast<std::uint8_t>(c >= 'A' && c <= 'Z' ? c | 0x20 : c)) * 1099511628211ULL;
    }
    words.push_back(word);
    at = word.end;
  }
  return words;
}

std::uint64_t gram(const std::vector<Word>& words, std::size_t last) {
  std::uint64_t hash = 0;
  for (std::size_t i = last + 1 - kGram; i <= last; ++i) hash = (hash ^ words[i].hash) * 0x9E3779B97F4A7C15ULL;
  return hash;
}

class PromptLeak final : public Guard {
 public:
  PromptLeak(const std::vector<Word>& prompt, std::size_t run) : run_(run) {
    for (std::size_t i = kGram - 1; i < prompt.size(); ++i) grams_.push_back(gram(prompt, i));
    std::sort(grams_.begin(), grams_.end());
  }

  void look(const Window& window, Sight& sight) const override {
    const std::vector<Word> words = words_of(window.text, window.text.size());
    std::size_t run = 0;  // words, up to and with this one, whose every three in a row are the message's
    std::size_t waits = std::string_view::npos;
    for (std::size_t i = kGram - 1; i < words.size(); ++i) {
      const bool unfinished = !window.last && words[i].end == window.text.size();
      if (unfinished) break;
      const bool known = std::binary_search(grams_.begin(), grams_.end(), gram(words, i));
      run = !known ? 0 : run == 0 ? kGram : run + 1;
      if (run >= run_) sight.hits.push_back({words[i + 1 - run].begin, words[i].end, kWhat});
      waits = run == 0 ? std::string_view::npos : run < run_ ? words[i + 1 - run].begin : words[i].end;
    }
    if (!window.last) sight.hold_from(waits);
    keep_longest(sight);
  }

 private:
  /// Of the hits of one run, each longer than the one before, the last says it all.
  static void keep_longest(Sight& sight) {
    auto& hits = sight.hits;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < hits.size(); ++i)
      if (i + 1 == hits.size() || hits[i + 1].begin != hits[i].begin) hits[kept++] = hits[i];
    hits.resize(kept);
  }

  std::size_t run_;
  std::vector<std::uint64_t> grams_;
};

}  // namespace

std::unique_ptr<Guard> make_prompt_leak(const Question& question) {
  const std::vector<Word> words = words_of(question.prompt, kMaxPromptWords);
  if (words.size() < kFewestWords) return nullptr;
  const auto wanted = static_cast<std::size_t>(question.settings->prompt_words);
  return std::make_unique<PromptLeak>(words, std::min(wanted, words.size()));
}

}  // namespace bulwark::chat::output
