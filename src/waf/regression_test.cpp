// The Core Rule Set's own regression suite, over HTTP through a listener. `make crs-test` runs this.
#include "waf/regression.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace bulwark::waf {
namespace {

TEST(CoreRuleSetRegression, PassesOverHttp) {
  const char* data = std::getenv("BULWARK_DATA");
  const std::filesystem::path directory = std::filesystem::path(data != nullptr ? data : "../shared/data") / "waf/crs-3.3.4-regression";
  if (!std::filesystem::exists(directory) || !std::filesystem::exists(Settings::kDefaultRules))
    GTEST_SKIP() << "needs " << directory << " (set BULWARK_DATA) and Debian's package modsecurity-crs";
  RegressionOptions options;
  options.directory = directory.string();
  if (const char* only = std::getenv("CRS_TEST_ONLY")) options.only = only;
  const std::filesystem::path here =
      (std::filesystem::canonical("/proc/self/exe").parent_path() / __FILE__).parent_path();  // compiled from the build directory
  options.overrides = (here / "regression/overrides-3.3.4.yaml").string();
  options.rules.rules = {(here / "regression/setup-3.3.4.conf").string(), Settings::kDefaultRules};
  options.print = [](std::string_view line) { std::printf("%.*s\n", static_cast<int>(line.size()), line.data()); };
  const auto report = run_regression(options);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->failed, 0U);
  EXPECT_LE(report->overridden.size(), 5U);
  if (options.only.empty()) {
    EXPECT_GE(report->passed, 2395U);
  }
}

}  // namespace
}  // namespace bulwark::waf
