// The wrapper over SQLite: keys, what lies on disk, transactions, schema versions, and a disk without room.
#include "storage/database.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace bulwark::storage {
namespace {

crypto::Key key(char letter) { return crypto::MasterKey::from_secret(std::string(32, letter)).value().derive("test"); }

class StorageTest : public testing::Test {
 protected:
  StorageTest() {
    std::string name = (std::filesystem::temp_directory_path() / "storage.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    options_.path = folder_ / "test.db";
    options_.key = key('a');
  }
  ~StorageTest() override { std::filesystem::remove_all(folder_); }
  Database open() { return Database::open(options_).value(); }
  std::filesystem::path folder_;
  OpenOptions options_;
};

TEST_F(StorageTest, KeepsValuesOfEveryType) {
  auto database = open();
  ASSERT_TRUE(database.run("CREATE TABLE t(i INTEGER, s TEXT, b BLOB, n)").ok());
  auto insert = database.prepare("INSERT INTO t VALUES(?,?,?,?)").value();
  const std::uint8_t bytes[] = {0, 1, 255};
  ASSERT_TRUE(insert.execute(std::int64_t{-5}, "text", Blob(bytes), nullptr).ok());
  ASSERT_TRUE(insert.execute(7, std::string_view{}, Blob{}, nullptr).ok());
  auto select = database.prepare("SELECT i,s,b,n FROM t ORDER BY i").value();
  ASSERT_TRUE(select.step().value());
  EXPECT_EQ(select.integer(0), -5);
  EXPECT_EQ(select.text(1), "text");
  EXPECT_TRUE(std::equal(select.blob(2).begin(), select.blob(2).end(), std::begin(bytes), std::end(bytes)));
  EXPECT_TRUE(select.is_null(3));
  ASSERT_TRUE(select.step().value());
  EXPECT_FALSE(select.is_null(1)) << "an empty text is not null";
  EXPECT_FALSE(select.is_null(2));
  EXPECT_FALSE(select.step().value());
}

TEST_F(StorageTest, NothingReadableLiesOnTheDiskAndTheFileIsPrivate) {
  {
    auto database = open();
    ASSERT_TRUE(database.run("CREATE TABLE t(s); INSERT INTO t VALUES('a-very-telling-text')").ok());
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      std::ifstream in(file.path(), std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(in), {}};
      EXPECT_EQ(content.find("a-very-telling-text"), std::string::npos) << file.path();
      EXPECT_EQ(content.find("SQLite format"), std::string::npos) << file.path();
      struct stat about {};
      ASSERT_EQ(stat(file.path().c_str(), &about), 0);
      EXPECT_EQ(about.st_mode & 077, 0U) << file.path();
    }
  }
  options_.key = key('b');
  EXPECT_EQ(Database::open(options_).error().code, Code::corrupt);
}

TEST_F(StorageTest, AFlippedBitIsNoticed) {
  { ASSERT_TRUE(open().run("CREATE TABLE t(s); INSERT INTO t VALUES(randomblob(100000))").ok()); }
  std::fstream file(options_.path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(40'000);
  const char was = static_cast<char>(file.get());
  file.seekp(40'000);
  file.put(static_cast<char>(was ^ 1));
  file.close();
  auto database = open();
  auto select = database.prepare("SELECT length(s), hex(s) FROM t").value();
  EXPECT_FALSE(select.step().ok());
}

TEST_F(StorageTest, ATransactionThatIsNotCommittedLeavesNothing) {
  auto database = open();
  ASSERT_TRUE(database.run("CREATE TABLE t(i)").ok());
  {
    auto transaction = Transaction::begin(database).value();
    ASSERT_TRUE(database.run("INSERT INTO t VALUES(1)").ok());
  }
  EXPECT_EQ(database.integer("SELECT count(*) FROM t").value(), 0);
  {
    auto transaction = Transaction::begin(database).value();
    ASSERT_TRUE(database.run("INSERT INTO t VALUES(1)").ok());
    ASSERT_TRUE(transaction.commit().ok());
  }
  EXPECT_EQ(database.integer("SELECT count(*) FROM t").value(), 1);
}

TEST_F(StorageTest, ALockedDatabaseIsUnavailable) {
  options_.busy_timeout = std::chrono::milliseconds(1);
  auto one = open();
  auto two = open();
  const auto transaction = Transaction::begin(one).value();
  EXPECT_EQ(Transaction::begin(two).error().code, Code::unavailable);
}

TEST_F(StorageTest, MigratesStepByStepAndRefusesANewerSchema) {
  constexpr const char* kFirst[] = {"CREATE TABLE t(i); INSERT INTO t VALUES(1)"};
  constexpr const char* kBoth[] = {kFirst[0], "ALTER TABLE t ADD COLUMN j DEFAULT 2"};
  ASSERT_TRUE(open().migrate(kFirst).ok());
  auto database = open();
  ASSERT_TRUE(database.migrate(kBoth).ok());
  ASSERT_TRUE(database.migrate(kBoth).ok());
  EXPECT_EQ(database.integer("SELECT i + j FROM t").value(), 3);
  EXPECT_EQ(database.migrate(kFirst).error().code, Code::unsupported);
  constexpr const char* kBroken[] = {kBoth[0], kBoth[1], "CREATE TABLE u(i); nonsense"};
  EXPECT_FALSE(database.migrate(kBroken).ok());
  EXPECT_EQ(database.integer("PRAGMA user_version").value(), 2);
  EXPECT_EQ(database.integer("SELECT count(*) FROM sqlite_schema WHERE name='u'").value(), 0);
}

TEST_F(StorageTest, AFullDiskIsAnErrorThatNamesTheFileAndLosesNothingElse) {
  auto database = open();
  ASSERT_TRUE(database.run("CREATE TABLE t(s); INSERT INTO t VALUES('kept')").ok());
  // A file size limit is what a test may set without privileges; the kernel answers EFBIG where a full disk says ENOSPC.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = 256 * 1024;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto written = database.run("INSERT INTO t VALUES(randomblob(2000000))");
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, Code::exhausted) << written.error().message;
  EXPECT_NE(written.error().message.find(options_.path), std::string::npos);
  EXPECT_EQ(database.integer("SELECT count(*) FROM t").value(), 1);
  EXPECT_TRUE(database.run("INSERT INTO t VALUES('room again')").ok());
}

}  // namespace
}  // namespace bulwark::storage
