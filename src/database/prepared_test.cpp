// Which statements a connection is thought to know, against a plain list of them in order of use.
#include "database/prepared.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace bulwark::database {
namespace {

std::shared_ptr<const PreparedStatement> statement(const std::string& text, bool named = true) {
  return PreparedStatement::shared(nullptr, std::string("client\0", 7) + text, named);
}

TEST(Prepared, NamesGoByContentAndFitTheServer) {
  EXPECT_EQ(statement("select 1")->name, statement("select 1")->name);
  EXPECT_NE(statement("select 1")->name, statement("select 2")->name);
  EXPECT_EQ(statement("select 1", false)->name, "");
  EXPECT_EQ(statement("select 1")->rest, "select 1");
  EXPECT_TRUE(statement("select 1")->name.starts_with(kSharedNamePrefix));
  EXPECT_LE(statement("select 1")->name.size(), 63U);
}

TEST(Prepared, TheUnnamedStatementIsOneSessionsOwn) {
  KnownStatements known;
  const auto mine = statement("select 1", false);
  const auto yours = statement("select 1", false);
  EXPECT_EQ(known.add(mine), "");
  EXPECT_TRUE(known.knows(mine));
  EXPECT_FALSE(known.knows(yours));
  known.forget_unnamed();
  EXPECT_FALSE(known.knows(mine));
}

TEST(Prepared, KeepsCountLikeAPlainList) {
  std::vector<std::shared_ptr<const PreparedStatement>> all;
  for (int i = 0; i < 800; ++i) all.push_back(statement("select " + std::to_string(i)));
  KnownStatements known;
  std::vector<std::string> naive;  // the last used first
  std::mt19937 random(7);
  const auto use = [&](const std::string& name) {
    naive.erase(std::remove(naive.begin(), naive.end(), name), naive.end());
    naive.insert(naive.begin(), name);
  };
  for (int step = 0; step < 20'000; ++step) {
    const auto& each = all[random() % all.size()];
    const bool expected = std::find(naive.begin(), naive.end(), each->name) != naive.end();
    ASSERT_EQ(known.knows(each), expected);
    if (expected) {
      use(each->name);
      if (random() % 16 != 0) continue;
      known.remove(*each);
      naive.erase(naive.begin());
    } else {
      const std::string evicted = known.add(each);
      ASSERT_EQ(evicted, naive.size() == KnownStatements::kMax ? naive.back() : "");
      if (!evicted.empty()) naive.pop_back();
      use(each->name);
    }
    ASSERT_EQ(known.size(), naive.size());
  }
  known.clear();
  EXPECT_FALSE(known.knows(all[0]));
}

}  // namespace
}  // namespace bulwark::database
