// What the prefilter says of values, against a search of each literal in turn; the same values come again, under several databases.
#include "waf/prefilter/prefilter.h"

#include <gtest/gtest.h>

#include <random>

#include "waf/seclang/text.h"

namespace bulwark::waf {
namespace {

struct Database {
  std::vector<std::string> literals;
  std::shared_ptr<const Prefilter> prefilter;
};

Database database(const std::vector<std::string>& literals) {
  std::vector<Requirement> requirements(literals.size());
  for (std::size_t i = 0; i < literals.size(); ++i) requirements[i].literals = {literals[i]};
  return {literals, *Prefilter::build(std::move(requirements), "")};
}

void expect_found(const Database& given, const std::string& value) {
  std::vector<std::uint64_t> bits(given.prefilter->words(), 0);
  ByteSet present;
  if (value.size() <= Prefilter::kShort)
    given.prefilter->scan_short(value, present, bits.data());
  else
    given.prefilter->scan(value, bits.data());
  for (unsigned c = 0; c < 256 && value.size() <= Prefilter::kShort; ++c)
    EXPECT_EQ(present.has(static_cast<unsigned char>(c)), value.find(static_cast<char>(c)) != std::string::npos) << c << " in " << value;
  for (std::size_t i = 0; i < given.literals.size(); ++i)
    EXPECT_EQ((bits[i / 64] >> (i % 64)) & 1, lower(value).find(given.literals[i]) != std::string::npos)
        << given.literals[i] << " in " << value;
}

TEST(Prefilter, FindsTheLiteralsOfItsOwnInValuesThatComeAgain) {
  std::vector<std::string> many;
  for (int i = 0; i < 600; ++i) many.push_back("word" + std::to_string(1000 + i));  // more bits than are remembered
  const Database databases[] = {database({"select", "union", "../"}), database({"union", "<script"}), database(many)};
  const std::string pieces[] = {
      "SELECT", "Union", "../", "<script", "word1007", "word1599", "plain", std::string(1, '\0'), std::string(90, 'x')};
  std::mt19937 random(20261123);
  for (int round = 0; round < 20'000; ++round) {
    std::string value;
    for (std::size_t n = random() % 3; n > 0; --n) value += pieces[random() % std::size(pieces)];
    expect_found(databases[random() % std::size(databases)], value);
  }
}

TEST(Prefilter, TellsValuesOfOnePlaceApart) {
  const Database given = database({"needle"});
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 5000; ++i) {  // far more than there are places for
      expect_found(given, "needle" + std::to_string(i));
      expect_found(given, "thread" + std::to_string(i));
    }
}

}  // namespace
}  // namespace bulwark::waf
