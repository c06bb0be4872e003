// `bulwark waf test`: the Core Rule Set's own way to ask whether a WAF does what it should.
#include <fmt/core.h>

#include <cstdio>

#include "bulwark/commands.h"
#include "bulwark/settings.h"
#include "waf/regression.h"

namespace bulwark::app {
namespace {

constexpr std::uint64_t kLargestTestBody = 32ULL * 1024 * 1024;  // the suites announce bodies of 10 MiB

Result<waf::RegressionReport> run(const WafTestOptions& options) {
  waf::RegressionOptions wanted;
  wanted.directory = options.directory;
  wanted.only = options.only;
  wanted.overrides = options.overrides;
  if (!options.config_file.empty()) wanted.rules = TRY(load_settings(options.config_file)).waf;
  if (!options.rules.empty()) wanted.rules.rules = options.rules;
  // As the suites expect it: every paranoia level, nothing blocked before all rules have spoken.
  wanted.route.mode = waf::Mode::monitor;
  wanted.route.paranoia_level = 4;
  wanted.route.inspect_responses = true;
  wanted.route.body_limit = {kLargestTestBody};
  wanted.print = [](std::string_view line) { fmt::print("{}\n", line); };
  return waf::run_regression(wanted);
}

}  // namespace

int waf_test(const WafTestOptions& options) {
  const auto report = run(options);
  if (!report.ok()) {
    fmt::print(stderr, "{}\n", report.error().message);
    return 2;
  }
  return report->failed == 0 ? 0 : 1;
}

}  // namespace bulwark::app
