// A suite against a listener.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <map>

#include "waf/regression.h"
#include "waf/regression/listener.h"

namespace bulwark::waf {
namespace {

/// By title: statuses that our gateway answers with where the suite expects another server's.
using Overrides = std::map<std::string, regression::Expectation>;

Result<Overrides> load_overrides(const std::string& path) {
  Overrides overrides;
  if (path.empty()) return overrides;
  try {
    for (const auto& entry : YAML::LoadFile(path)["overrides"]) {
      if (!entry["test"] || !entry["reason"]) return config_error(fmt::format("{}: each override names a test and a reason", path));
      overrides.emplace(entry["test"].as<std::string>(), regression::expectation_of_text(YAML::Dump(entry["output"])));
    }
  } catch (const YAML::Exception& failure) {
    return config_error(fmt::format("{}:{}: {}", path, failure.mark.line + 1, failure.msg));
  }
  return overrides;
}

std::string run_test(const regression::TestCase& test, const Overrides& overrides, regression::Listener& listener) {
  const auto other = overrides.find(test.title);
  for (const auto& step : test.steps) {
    const regression::Expectation& expected = other == overrides.end() ? step.output : other->second;
    std::string difference = compare(expected, listener.run(step.input));
    if (!difference.empty() && expected.retry_once) difference = compare(expected, listener.run(step.input));
    if (!difference.empty()) return difference;
  }
  return {};
}

}  // namespace

Result<RegressionReport> run_regression(const RegressionOptions& options) {
  const regression::Suite suite = TRY(regression::load_suite(options.directory));
  const Overrides overrides = TRY(load_overrides(options.overrides));
  const auto rules = TRY(RuleSet::load(options.rules));
  const auto listener = TRY(regression::Listener::start(rules, options.route));
  const auto print = [&](std::string_view line) {
    if (options.print) options.print(line);
  };
  RegressionReport report;
  for (const auto& test : suite.tests) {
    if (test.title.find(options.only) == std::string::npos) continue;
    if (overrides.contains(test.title)) report.overridden.push_back(test.title);
    const std::string difference = run_test(test, overrides, *listener);
    if (difference.empty()) {
      ++report.passed;
      continue;
    }
    ++report.failed;
    report.failures.push_back(test.title + ": " + difference);
    print(report.failures.back());
  }
  if (suite.disabled_files > 0) print(fmt::format("{} files are disabled by themselves", suite.disabled_files));
  if (!report.overridden.empty()) print(fmt::format("{} tests ran with an expectation of {}", report.overridden.size(), options.overrides));
  print(fmt::format("{} passed, {} failed", report.passed, report.failed));
  return report;
}

}  // namespace bulwark::waf
