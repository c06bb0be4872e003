#include "console/assets.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace bulwark::console {
namespace {

constexpr std::size_t kBudget = 120 * 1024;

/// The values of this attribute in the page.
std::vector<std::string> values_of(std::string_view page, std::string_view attribute) {
  std::vector<std::string> out;
  for (auto at = page.find(attribute); at != page.npos; at = page.find(attribute, at + 1)) {
    const auto begin = at + attribute.size();
    out.emplace_back(page.substr(begin, page.find('"', begin) - begin));
  }
  return out;
}

TEST(Assets, WhatThePageLoadsAtFirstFitsTheBudget) {
  const auto* page = find_asset("/");
  ASSERT_NE(page, nullptr);
  std::size_t total = 0;
  for (const auto* attribute : {"src=\"", "href=\""})
    for (const auto& path : values_of(page->identity, attribute)) {
      const auto* asset = find_asset(path);
      ASSERT_NE(asset, nullptr) << path;
      if (path.ends_with(".js") || path.ends_with(".css")) total += asset->gzip.size();
    }
  std::printf("figure console-initial-js-css %.1f KB-gzip goal 120 %s\n", static_cast<double>(total) / 1024,
              total <= kBudget ? "met" : "short");
  EXPECT_GT(total, 10'000U) << "the page loads something";
  EXPECT_LE(total, kBudget);
}

TEST(Assets, NothingInThePageIsInline) {
  const std::string_view page = find_asset("/")->identity;
  for (auto at = page.find("<script"); at != page.npos; at = page.find("<script", at + 1))
    EXPECT_EQ(page.substr(page.find('>', at) + 1, 9), "</script>");
  EXPECT_EQ(page.find("<style"), page.npos);
  EXPECT_EQ(page.find("style=\""), page.npos);
  EXPECT_EQ(page.find("http://"), page.npos);
  EXPECT_EQ(page.find("https://"), page.npos);
}

TEST(Assets, ChoosesTheSmallestCodingTheClientTakes) {
  const Asset asset{.identity = "aaaaaaaaaa", .gzip = "bbbbb", .brotli = "ccc"};
  EXPECT_EQ(encoded_for(asset, "gzip, deflate, br").coding, "br");
  EXPECT_EQ(encoded_for(asset, "gzip").coding, "gzip");
  EXPECT_EQ(encoded_for(asset, "br;q=0, gzip;q=0.5").coding, "gzip");
  EXPECT_EQ(encoded_for(asset, "").bytes, "aaaaaaaaaa");
  EXPECT_EQ(encoded_for(asset, "brotli, gzipped").coding, "");
  const Asset tiny{.identity = "a", .gzip = "bbbbb", .brotli = "ccc"};
  EXPECT_EQ(encoded_for(tiny, "gzip, br").coding, "") << "compression must not make it larger";
}

}  // namespace
}  // namespace bulwark::console
