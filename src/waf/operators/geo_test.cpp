// @geoLookup against a MaxMind database that the test writes itself (MaxMind DB File Format 2.0: search tree, data, metadata).
#include "waf/operators/geo.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <filesystem>
#include <fstream>

#include "waf/compiler/compiler.h"
#include "waf/seclang/reader.h"
#include "waf/transaction.h"

namespace bulwark::waf {
namespace {

// Control bytes of the format: the type in the upper three bits, the size in the lower five; type 0 means that it follows, minus 7.
std::string text(std::string_view value) { return static_cast<char>(2 << 5 | static_cast<int>(value.size())) + std::string(value); }
std::string map(int members) { return std::string(1, static_cast<char>(7 << 5 | members)); }
std::string list(int members) { return {static_cast<char>(members), 4}; }
std::string number(int type, std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    if (!bytes.empty() || (value >> shift & 0xff) != 0) bytes.push_back(static_cast<char>(value >> shift & 0xff));
  return static_cast<char>(type << 5 | static_cast<int>(bytes.size())) + bytes;
}
std::string real(double value) {
  std::string bytes(8, '\0');
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int i = 0; i < 8; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(bits >> (56 - 8 * i) & 0xff);
  return static_cast<char>(3 << 5 | 8) + bytes;
}

/// A database that knows 203.0.113.0/24 and nothing else.
std::string database() {
  constexpr std::uint32_t kNetwork = 203U << 24 | 0U << 16 | 113U << 8;
  constexpr int kBits = 24;
  const auto record = [](std::uint32_t value) {
    return std::string{static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
  };
  constexpr std::uint32_t kNothing = kBits;    // the number of nodes: not found
  constexpr std::uint32_t kData = kBits + 16;  // beyond it: an offset into the data
  std::string tree;
  for (int i = 0; i < kBits; ++i) {
    const std::uint32_t next = i + 1 < kBits ? static_cast<std::uint32_t>(i + 1) : kData;
    const bool one = (kNetwork >> (31 - i) & 1) != 0;
    tree += one ? record(kNothing) + record(next) : record(next) + record(kNothing);
  }
  const std::string data = map(4) + text("country") + map(2) + text("iso_code") + text("NZ") + text("names") + map(1) + text("en") +
                           text("New Zealand") + text("continent") + map(1) + text("code") + text("OC") + text("city") + map(1) +
                           text("names") + map(1) + text("en") + text("Napier") + text("location") + map(2) + text("latitude") +
                           real(-39.5) + text("longitude") + real(176.9);
  const std::string metadata = map(9) + text("binary_format_major_version") + number(5, 2) + text("binary_format_minor_version") +
                               number(5, 0) + text("build_epoch") + std::string{1, 2, 1} + text("database_type") + text("Test") +
                               text("description") + map(0) + text("ip_version") + number(5, 4) + text("languages") + list(0) +
                               text("node_count") + number(6, kBits) + text("record_size") + number(5, 24);
  return tree + std::string(16, '\0') + data + "\xab\xcd\xefMaxMind.com" + metadata;
}

class Geo : public testing::Test {
 protected:
  Geo() { std::ofstream(path_, std::ios::binary) << database(); }
  ~Geo() override { std::filesystem::remove(path_); }
  std::string path_ = testing::TempDir() + "geo_" + std::to_string(::getpid()) + ".mmdb";
};

TEST_F(Geo, FindsWhatTheDatabaseHolds) {
  const auto opened = GeoDatabase::open(path_);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  GeoLocation location;
  ASSERT_TRUE((*opened)->find("203.0.113.200", location));
  EXPECT_EQ(location.country_code, "NZ");
  EXPECT_EQ(location.country_name, "New Zealand");
  EXPECT_EQ(location.country_continent, "OC");
  EXPECT_EQ(location.city, "Napier");
  EXPECT_EQ(location.latitude, "-39.500000");
  EXPECT_EQ(location.postal_code, "");
  for (const auto* elsewhere : {"203.0.114.1", "127.0.0.1", "::1", "no address", ""})
    EXPECT_FALSE((*opened)->find(elsewhere, location)) << elsewhere;
}

TEST_F(Geo, RulesDecideByCountry) {
  const std::string rules = "SecGeoLookupDb " + path_ +
                            "\nSecRule REMOTE_ADDR \"@geoLookup\" \"id:1,phase:1,pass,t:none,chain\"\n"
                            "SecRule GEO:COUNTRY_CODE \"@streq NZ\" \"t:none\"\n"
                            "SecRule REMOTE_ADDR \"!@geoLookup\" \"id:2,phase:1,pass,t:none\"\n";
  const auto document = seclang::read_text(rules, "t.conf");
  ASSERT_TRUE(document.ok());
  const auto program = compile(*document, {});
  ASSERT_TRUE(program.ok()) << program.error().message;
  for (const auto& [address, id] : {std::pair{"203.0.113.9:1", 1U}, std::pair{"198.51.100.1:1", 2U}}) {
    PersistentStore store;
    Transaction transaction;
    transaction.begin(*program, std::make_shared<Policy>(), &store);
    transaction.set_request({"GET", "/", "HTTP/1.1", {}}, {*Endpoint::parse(address), *Endpoint::parse("127.0.0.1:80"), "id", ""});
    transaction.run_request_headers();
    ASSERT_EQ(transaction.matches().size(), 1U) << address;
    EXPECT_EQ(transaction.matches()[0].rule->id, id);
  }
}

TEST_F(Geo, RefusesWhatIsNoDatabase) {
  std::ofstream(path_, std::ios::binary) << "nothing of the kind";
  EXPECT_FALSE(GeoDatabase::open(path_).ok());
  EXPECT_FALSE(GeoDatabase::open(path_ + ".not").ok());
}

}  // namespace
}  // namespace bulwark::waf
