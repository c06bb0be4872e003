// The shipped model on sentences of its own kind, the sets against naive ones, and the file with each of its bits changed.
#include "chat/pii/tagger.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <random>
#include <set>
#include <string>

#include "chat/injection/model_file.h"
#include "chat/pii/redactor.h"
#include "chat/pii/tagger_file.h"

namespace bulwark::chat::pii {
namespace {

const TaggerModel& shipped() {
  static const TaggerModel model = read_tagger(built_in_tagger(), injection::built_in_key().value()).value();
  return model;
}

std::string marked(std::string_view text, const KindSet& wanted = kAllKinds) {
  std::string out;
  std::size_t at = 0;
  for (const Span& span : find(&shipped(), text, wanted)) {
    out.append(text.substr(at, span.begin - at)).append("[").append(to_string(span.kind)).append("]");
    at = span.end;
  }
  return out.append(text.substr(at));
}

TEST(Words, KeepNamesTogetherAndGenitivesApart) {
  constexpr std::string_view kText = "O'Brien's 12th Öl\n";
  std::vector<Word> words;
  split_words(kText, words);
  std::vector<std::string> got;
  for (const Word& word : words) got.emplace_back(kText.substr(word.begin, word.end - word.begin));
  EXPECT_EQ(got, (std::vector<std::string>{"O'Brien", "'", "s", "12", "th", "Öl", "\n"}));
  EXPECT_EQ(words[5].shape, Shape::title);
  EXPECT_EQ(words[0].hash, word_hash("o'brien"));
}

TEST(Tagger, FindsNamesPlacesAndAges) {
  EXPECT_EQ(marked("Hello, my name is Anna Kowalski and I live in Toronto."), "Hello, my name is [person] and I live in [location].");
  EXPECT_EQ(marked("Please write to anna@acme.io"), "Please write to [email]");
  EXPECT_NE(marked("I am 34 years old and live in Germany.").find("[age]"), std::string::npos);
}

TEST(Tagger, LeavesOrdinaryProseAlone) {
  for (const char* text :
       {"how do i write a loop in python?", "Please reset my password.", "the order left our warehouse and is in transit"})
    EXPECT_EQ(marked(text), text);
}

TEST(Tagger, LooksAtUnknownWordsInSmallLettersOnlyInScriptsWithCapitals) {
  TaggerModel names;
  names.ordinary.add(word_hash("parcel"));
  std::vector<Word> words;
  split_words("parcel kovacsne 包裹 of", words);
  ASSERT_EQ(words.size(), 4U);
  EXPECT_EQ(words[2].shape, Shape::caseless);
  EXPECT_FALSE(is_candidate(words, 0, 0, names));
  EXPECT_TRUE(is_candidate(words, 1, 0, names));
  EXPECT_FALSE(is_candidate(words, 2, 0, names));
  EXPECT_FALSE(is_candidate(words, 3, 0, names));
  EXPECT_EQ(marked("tell rangelova to call me"), "tell [person] to call me");
}

TEST(Tagger, LooksOnlyForWhatIsWanted) {
  KindSet age;
  age.set(static_cast<std::size_t>(Kind::age));
  EXPECT_EQ(marked("My name is Anna Kowalski", age), "My name is Anna Kowalski");
}

TEST(Tagger, NamesComeBackAlsoAloneAndWithAGenitive) {
  Policy policy;
  policy.tagger = std::make_shared<const TaggerModel>(shipped());
  policy.modes[static_cast<std::size_t>(Kind::person)] = Mode::mask;
  Pseudonyms pseudonyms(derive({}, "test", "k"));
  Redactor redactor(policy, pseudonyms);
  std::string masked;
  ASSERT_TRUE(redactor.rewrite("Hello, my name is Anna Kowalski.", masked).value());
  EXPECT_EQ(masked.find("Anna"), std::string::npos);
  EXPECT_EQ(restore(pseudonyms.index(), masked), "Hello, my name is Anna Kowalski.");
  const std::string first(pseudonyms.of(Kind::person, "Anna").value());
  EXPECT_NE(masked.find(first), std::string::npos);
  EXPECT_EQ(restore(pseudonyms.index(), first + "'s order"), "Anna's order");
}

TEST(NameSet, HasWhatWasAdded) {
  std::mt19937 random(3);
  NameSet set;
  std::set<std::uint32_t> naive;
  for (int i = 0; i < 2'000; ++i) naive.insert(static_cast<std::uint32_t>(random()));
  for (const std::uint32_t hash : naive) set.add(hash);
  for (const std::uint32_t hash : naive) EXPECT_TRUE(set.has(hash));
  std::size_t wrong = 0;
  for (int i = 0; i < 10'000; ++i) wrong += set.has(static_cast<std::uint32_t>(random()));
  EXPECT_LT(wrong, 100U);
}

TEST(TaggerFile, RefusesEveryChangedBit) {
  std::string file(built_in_tagger());
  const PublicKey key = injection::built_in_key().value();
  ASSERT_TRUE(read_tagger(file, key).ok());
  std::mt19937 random(4);
  for (int i = 0; i < 40; ++i) {
    const std::size_t at = random() % file.size();
    const auto bit = static_cast<char>(1U << random() % 8);
    file[at] = static_cast<char>(file[at] ^ bit);
    EXPECT_FALSE(read_tagger(file, key).ok()) << at;
    file[at] = static_cast<char>(file[at] ^ bit);
  }
  EXPECT_FALSE(read_tagger("", key).ok());
}

TEST(TaggerFile, RefusesASignedFileThatDoesNotAddUp) {
  PublicKey key{};
  SecretKey secret{};
  crypto_sign_keypair(key.data(), secret.data());
  EXPECT_FALSE(read_tagger(with_signature("BWPT", secret), key).ok());
  EXPECT_FALSE(read_tagger(with_signature(std::string("BWPT\x02\0\0\0\xFF\xFF\xFF\xFF", 12), secret), key).ok());
  const std::string whole = write_tagger(shipped(), secret);
  const auto read = read_tagger(whole, key);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->weights, shipped().weights);
  EXPECT_EQ(read->margins, shipped().margins);
}

}  // namespace
}  // namespace bulwark::chat::pii
