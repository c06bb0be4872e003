// The trie and the streaming restorer against a naive twin that looks for every surrogate at every place of the whole text.
#include "chat/pii/surrogate_index.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace bulwark::chat::pii {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

std::string naive(const Pairs& pairs, std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::pair<std::string, std::string>* best = nullptr;
    for (const auto& pair : pairs)
      if (lower(text.substr(at, pair.first.size())) == lower(pair.first) && (!best || pair.first.size() > best->first.size())) best = &pair;
    if (best)
      out += best->second;
    else
      out += text[at];
    at += best ? best->first.size() : 1;
  }
  return out;
}

TEST(SurrogateIndex, RestoresInAnyCaseAndTakesTheLongest) {
  SurrogateIndex index;
  EXPECT_TRUE(index.add("rok@x.com", "Jane@A.io"));
  EXPECT_TRUE(index.add("rok@x.com.au", "long"));
  EXPECT_FALSE(index.add("ROK@X.COM", "again"));
  EXPECT_EQ(restore(index, "ROK@x.com's rok@x.com.au rok@x.co"), "Jane@A.io's long rok@x.co");
}

TEST(Restorer, EscapesWhatItPutsIntoJson) {
  SurrogateIndex index;
  index.add("rok", "a\"b\\c\nd");
  EXPECT_EQ(restore(index, R"({"x":"rok"})", Escape::json), R"({"x":"a\"b\\c\nd"})");
}

TEST(Restorer, HoldsBackOnlyAProperPrefix) {
  SurrogateIndex index;
  index.add("rokumi", "J");
  Restorer restorer;
  std::string out;
  restorer.feed(index, "hello rok", false, out);
  EXPECT_EQ(out, "hello ");
  EXPECT_EQ(restorer.pending(), "rok");
  restorer.feed(index, "umi", false, out);
  EXPECT_EQ(out, "hello J");
  restorer.feed(index, " ro", false, out);
  restorer.feed(index, "ad", false, out);
  EXPECT_EQ(out, "hello J road");
  restorer.feed(index, " r", false, out);
  restorer.feed(index, "", true, out);
  EXPECT_EQ(out, "hello J road r");
}

TEST(Restorer, EverySplitGivesWhatTheNaiveTwinGivesForTheWhole) {
  std::mt19937 random(11);
  for (int round = 0; round < 10'000; ++round) {
    SurrogateIndex index;
    Pairs pairs;
    for (unsigned i = 1 + random() % 6; i > 0; --i) {
      std::string surrogate;
      for (unsigned j = 1 + random() % 6; j > 0; --j) surrogate.push_back("abc"[random() % 3]);
      if (index.add(surrogate, "<" + std::to_string(i) + ">")) pairs.emplace_back(surrogate, "<" + std::to_string(i) + ">");
    }
    std::string text;
    for (unsigned i = random() % 60; i > 0; --i) text.push_back("abcABCx "[random() % 8]);
    std::string out;
    Restorer restorer;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 7, text.size() - at);
      restorer.feed(index, std::string_view(text).substr(at, size), false, out);
      ASSERT_TRUE(restorer.pending().size() <= 6);
      at += size;
    }
    restorer.feed(index, "", true, out);
    ASSERT_EQ(out, naive(pairs, text));
  }
}

}  // namespace
}  // namespace bulwark::chat::pii
