// Columns and texts against their naive twin: each value transformed and searched by itself, every time.
#include "waf/engine/columns.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "waf/seclang/text.h"

namespace bulwark::waf {
namespace {

const std::vector<std::string> kLiterals{"select", "<script", "../", "%27", "eval("};

std::shared_ptr<const Prefilter> literals() {
  std::vector<Requirement> requirements(kLiterals.size());
  for (std::size_t i = 0; i < kLiterals.size(); ++i) requirements[i].literals = {kLiterals[i]};
  return *Prefilter::build(std::move(requirements), "");
}

std::string random_value(std::mt19937& random) {
  static const std::vector<std::string> kPieces{"select", "SELECT", "<ScRiPt",  "..%2f", "../",   "%2527", "eval(",
                                                "/**/",   "  ",     "\t",       "&lt;",  "\\x41", "plain", "0x41",
                                                "+",      "-",      "\xc3\xa9", "QUJD",  "[a]",   "A",     std::string(1, '\0')};
  std::string value;
  for (std::size_t n = random() % 4; n > 0; --n) value += kPieces[random() % kPieces.size()];
  return value;
}

class ColumnsTest : public testing::Test {
 protected:
  void begin() {
    arena_.clear();
    texts_.clear(prefilter_.get(), nullptr);
    columns_.clear();
  }
  void expect_same(ColumnId column, const std::vector<std::string>& naive) {
    ASSERT_EQ(columns_.size(column), naive.size());
    const Traits all = columns_.traits(column);
    std::vector<bool> found(kLiterals.size());
    ByteSet present;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < naive.size(); ++i) {
      EXPECT_EQ(texts_.bytes(columns_.text(column, i)), naive[i]);
      for (const char c : naive[i]) present.add(static_cast<unsigned char>(c));
      longest = std::max(longest, naive[i].size());
      for (std::size_t each = 0; each < kLiterals.size(); ++each)
        if (lower(naive[i]).find(kLiterals[each]) != std::string::npos) found[each] = true;
    }
    EXPECT_EQ(all.longest, longest);
    EXPECT_EQ(all.bytes, present);
    for (std::uint32_t each = 0; each < kLiterals.size(); ++each) EXPECT_EQ(prefilter_->possible(each, all), found[each]);
  }

  std::shared_ptr<const Prefilter> prefilter_ = literals();
  TextArena arena_;
  Texts texts_{arena_};
  Columns columns_{texts_};
};

TEST_F(ColumnsTest, AgreeWithEachValueAlone) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    begin();
    std::vector<std::string> values(random() % 5 + 1);
    for (auto& value : values) value = random_value(random);
    const ColumnId first = columns_.begin();
    for (const auto& value : values) columns_.append(texts_.add(value));
    for (int chain = 0; chain < 8; ++chain) {
      ColumnId column = first;
      std::vector<std::string> naive = values;
      for (std::size_t steps = random() % 5; steps > 0; --steps) {
        const auto transform = static_cast<Transform>(random() % kTransformCount);
        column = columns_.transformed(column, transform);
        std::string out;
        for (auto& value : naive)
          if (apply(transform, value, out)) value = out;
      }
      expect_same(column, naive);
    }
  }
}

TEST_F(ColumnsTest, LeadBackToThemselvesWhereNothingChanges) {
  begin();
  const ColumnId column = columns_.begin();
  for (const auto* value : {"plain", "words"}) columns_.append(texts_.add(value));
  for (const Transform each : {Transform::url_decode_uni, Transform::lowercase, Transform::css_decode, Transform::base64_decode})
    EXPECT_EQ(columns_.transformed(column, each) == column, each != Transform::base64_decode) << to_string(each);
  EXPECT_EQ(columns_.transformed(0, Transform::sha1), 0u) << "nothing has no digest";
}

TEST_F(ColumnsTest, EachTransformationSaysWhichBytesItTouches) {
  std::mt19937 random(11);
  for (std::size_t i = 0; i < kTransformCount; ++i) {
    const auto transform = static_cast<Transform>(i);
    const ByteSet* touched = touched_by(transform);
    if (touched == nullptr) continue;
    std::string free;  // of the bytes it touches
    for (int c = 0; c < 256; ++c)
      if (!touched->has(static_cast<unsigned char>(c))) free.push_back(static_cast<char>(c));
    std::string out;
    EXPECT_FALSE(apply(transform, free, out)) << to_string(transform);
    for (int round = 0; round < 2000; ++round) {
      std::string value;
      for (std::size_t n = random() % 9; n > 0; --n) value += free[random() % free.size()];
      ASSERT_FALSE(apply(transform, value, out)) << to_string(transform) << " of " << testing::PrintToString(value);
    }
  }
}

}  // namespace
}  // namespace bulwark::waf
