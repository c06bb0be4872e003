// `bulwark waf test`: the Core Rule Set's own way to ask whether a WAF does what it should.
#include <fmt/core.h>

#include <cstdio>

#include "bulwark/commands.h"
#include "bulwark/settings.h"
#include "waf/regression.h"

namespace bulwark::app {
namespace {

Result<waf::RegressionReport> run(const WafTestOptions& options) {
  waf::RegressionOptions wanted;
  wanted.directory = options.directory;
  wanted.only = options.only;
  wanted.overrides = options.overrides;
  if (!options.config_file.empty()) wanted.rules = TRY(load_settings(options.config_file)).waf;
  if (!options.rules.empty()) wanted.rules.rules = options.rules;
  wanted.route.rule_set = options.rule_set;
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
