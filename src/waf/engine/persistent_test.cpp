// Collections that outlive a transaction: what they hold, for how long, and what makes room.
#include "waf/engine/persistent.h"

#include <gtest/gtest.h>

#include <thread>

namespace bulwark::waf {
namespace {

constexpr WallTime kSecond = 1'000'000'000;
constexpr WallTime kNow = 1'700'000'000 * kSecond;

TEST(PersistentStore, KeepsValuesUntilTheirCollectionEnds) {
  PersistentStore store;
  store.set("ip/a", "Count", "1", kNow, 60);
  store.add("ip/a", "count", 4, kNow, 60);
  store.add("ip/a", "new", -2, kNow, 60);
  EXPECT_EQ(store.get("ip/a", "COUNT", kNow + 59 * kSecond), "5");
  EXPECT_EQ(store.get("ip/a", "new", kNow), "-2");
  EXPECT_EQ(store.get("ip/b", "count", kNow), std::nullopt);
  EXPECT_EQ(store.get("ip/a", "count", kNow + 60 * kSecond), std::nullopt);
  EXPECT_EQ(store.size(), 0) << "what has ended is gone when somebody looks";
}

TEST(PersistentStore, LetsSingleValuesExpireAndGo) {
  PersistentStore store;
  store.set("ip/a", "short", "1", kNow, 60);
  store.set("ip/a", "long", "1", kNow, 60);
  store.expire("ip/a", "short", kNow + kSecond);
  store.expire("ip/a", "long", kNow + 600 * kSecond);
  EXPECT_EQ(store.get("ip/a", "short", kNow + 2 * kSecond), std::nullopt);
  EXPECT_EQ(store.get("ip/a", "long", kNow + 300 * kSecond), "1") << "a value may outlive its collection's own time";
  store.unset("ip/a", "LONG");
  EXPECT_TRUE(store.all("ip/a", kNow).empty());
}

TEST(PersistentStore, BoundsNamesBytesAndCollections) {
  PersistentStore store;
  for (std::size_t i = 0; i <= PersistentStore::kMaxNames; ++i) store.set("ip/a", std::to_string(i), "1", kNow, 60);
  EXPECT_EQ(store.all("ip/a", kNow).size(), PersistentStore::kMaxNames);
  store.set("ip/a", "0", std::string(2 * PersistentStore::kMaxValueBytes, 'x'), kNow, 60);
  EXPECT_EQ(store.get("ip/a", "0", kNow)->size(), PersistentStore::kMaxValueBytes);
  for (std::size_t i = 0; i < PersistentStore::kMaxCollections + 10'000; ++i) store.set(std::to_string(i), "n", "1", kNow, 60);
  EXPECT_LE(store.size(), PersistentStore::kMaxCollections);
  EXPECT_EQ(store.get("0", "n", kNow), std::nullopt) << "the one used longest ago made room";
  EXPECT_EQ(store.get(std::to_string(PersistentStore::kMaxCollections + 9'999), "n", kNow), "1");
}

TEST(PersistentStore, LosesNoAdditionBetweenThreads) {
  PersistentStore store;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) store.add("ip/a", "n", 1, kNow, 60);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(store.get("ip/a", "n", kNow), "4000");
}

}  // namespace
}  // namespace bulwark::waf
