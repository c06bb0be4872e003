// The master key file: made once, kept private, refused when it is not; and keys that depend on their purpose.
#include "crypto/master_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bulwark::crypto {
namespace {

class MasterKeyFile : public testing::Test {
 protected:
  MasterKeyFile() {
    std::string name = (std::filesystem::temp_directory_path() / "master_key.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    path_ = folder_ / "keys" / "master.key";
  }
  ~MasterKeyFile() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(MasterKeyFile, IsMadeOnceAndOnlyForItsOwner) {
  const auto first = MasterKey::load_or_create(path_).value();
  struct stat about {};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  EXPECT_EQ(about.st_size, 65);
  const auto again = MasterKey::load_or_create(path_).value();
  EXPECT_EQ(first.derive("a").bytes, again.derive("a").bytes);
}

TEST_F(MasterKeyFile, IsRefusedWhenOthersMayReadItOrItIsCutOff) {
  (void)MasterKey::load_or_create(path_).value();
  chmod(path_.c_str(), 0640);
  EXPECT_EQ(MasterKey::load_or_create(path_).error().code, Code::denied);
  chmod(path_.c_str(), 0600);
  std::ofstream(path_) << "abcdef";
  EXPECT_EQ(MasterKey::load_or_create(path_).error().code, Code::corrupt);
}

TEST(MasterKey, DerivesAnotherKeyForEachPurposeAndSecret) {
  const auto one = MasterKey::from_secret(std::string(32, 'a')).value();
  const auto two = MasterKey::from_secret(std::string(32, 'b')).value();
  EXPECT_EQ(one.derive("x").bytes, one.derive("x").bytes);
  EXPECT_NE(one.derive("x").bytes, one.derive("y").bytes);
  EXPECT_NE(one.derive("x").bytes, two.derive("x").bytes);
  EXPECT_FALSE(MasterKey::from_secret("short").ok());
}

}  // namespace
}  // namespace bulwark::crypto
