// What was sealed opens with the same key and purpose, and with nothing else.
#include "crypto/seal.h"

#include <gtest/gtest.h>

namespace bulwark::crypto {
namespace {

TEST(Seal, OpensWithTheSameKeyAndPurpose) {
  const Key key = random_key();
  for (const std::string& value : {std::string(), std::string("hello"), std::string(100'000, 'x')}) {
    const std::string sealed = seal(key, value, "a");
    EXPECT_EQ(sealed.size(), value.size() + kSealBytes);
    EXPECT_EQ(unseal(key, sealed, "a").value(), value);
    EXPECT_FALSE(unseal(key, sealed, "b").ok());
    EXPECT_FALSE(unseal(random_key(), sealed, "a").ok());
    EXPECT_NE(seal(key, value, "a"), sealed);
  }
}

TEST(Seal, NoticesEveryChangedBitAndEveryCut) {
  const Key key = random_key();
  const std::string sealed = seal(key, "secret", "a");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(unseal(key, changed, "a").ok()) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) EXPECT_FALSE(unseal(key, sealed.substr(0, size), "a").ok()) << size;
}

}  // namespace
}  // namespace bulwark::crypto
