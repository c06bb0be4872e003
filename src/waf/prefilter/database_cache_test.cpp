// The cache of compiled databases: used when whole, passed over when not, never an error.
#include "waf/prefilter/database_cache.h"

#include <gtest/gtest.h>
#include <hs/hs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bulwark::waf {
namespace {

class DatabaseCache : public testing::Test {
 protected:
  ~DatabaseCache() override { std::filesystem::remove_all(folder_); }

  static std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    if (std::filesystem::exists(folder_))
      for (const auto& entry : std::filesystem::directory_iterator(folder_)) found.push_back(entry.path());
    return found;
  }
  /// Whether a database made of "needle" finds it.
  bool works(const std::string& directory) const {
    auto made = literal_database({"needle"}, directory);
    if (!made.ok()) return false;
    hs_scratch_t* scratch = nullptr;
    EXPECT_EQ(hs_alloc_scratch(*made, &scratch), HS_SUCCESS);
    int found = 0;
    const auto count = [](unsigned, unsigned long long, unsigned long long, unsigned, void* context) {
      return ++*static_cast<int*>(context), 0;
    };
    EXPECT_EQ(hs_scan(*made, "a NEEDLE", 8, 0, scratch, count, &found), HS_SUCCESS);
    hs_free_scratch(scratch);
    hs_free_database(*made);
    return found == 1;
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("bulwark_database_cache_" + std::to_string(::getpid()));
};

TEST_F(DatabaseCache, WritesOneWholeFileAndReadsItAgain) {
  EXPECT_TRUE(works(folder_.string()));
  ASSERT_EQ(files().size(), 1);
  const auto written = std::filesystem::last_write_time(files()[0]);
  EXPECT_TRUE(works(folder_.string()));
  ASSERT_EQ(files().size(), 1);
  EXPECT_EQ(std::filesystem::last_write_time(files()[0]), written) << "not written anew";
}

TEST_F(DatabaseCache, ReplacesWhatIsDamaged) {
  ASSERT_TRUE(works(folder_.string()));
  const auto file = files().at(0);
  const std::string whole = bytes_of(file);
  for (const std::size_t keep : {std::size_t{0}, std::size_t{20}, whole.size() / 2, whole.size() - 1}) {
    std::ofstream(file, std::ios::binary) << whole.substr(0, keep);
    EXPECT_TRUE(works(folder_.string())) << keep;
    EXPECT_EQ(bytes_of(file), whole) << keep;
  }
  std::string changed = whole;
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
  std::ofstream(file, std::ios::binary) << changed;
  EXPECT_TRUE(works(folder_.string()));
  EXPECT_EQ(bytes_of(file), whole);
}

TEST_F(DatabaseCache, DoesWithoutADirectoryThatCannotBeWritten) {
  std::ofstream(folder_) << "a file";
  EXPECT_TRUE(works((folder_ / "below").string()));
  EXPECT_TRUE(works(""));
}

}  // namespace
}  // namespace bulwark::waf
