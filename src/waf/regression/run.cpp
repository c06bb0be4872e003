// A suite against a listener: test by test, step by step, cookies and redirects from one step to the next.
#include <fmt/format.h>

#include <map>
#include <optional>

#include "waf/regression.h"
#include "waf/regression/listener.h"
#include "waf/regression/overrides.h"
#include "waf/regression/reflector.h"
#include "waf/seclang/text.h"

namespace bulwark::waf {
namespace {

using namespace regression;

constexpr std::int64_t kEveryParanoiaLevel = 4;

/// As the suites expect it (the Core Rule Set's own test set-up): nothing blocked before all rules have spoken, every paranoia
/// level, UTF-8 checked, and the limits that the tests count against.
RouteSettings as_the_suites_expect(RouteSettings route) {
  route.mode = Mode::monitor;
  route.paranoia_level = kEveryParanoiaLevel;
  route.body_limit = {Reflector::kMaxBody};
  route.inspect_responses = true;
  route.response_limit = {Reflector::kMaxBody};
  route.decode_responses = false;  // the suites expect an engine that leaves compressed responses alone
  const std::map<std::string, std::string> expected{
      {"crs_validate_utf8_encoding", "1"}, {"arg_name_length", "100"}, {"arg_length", "400"},           {"max_num_args", "255"},
      {"total_arg_length", "64000"},       {"max_file_size", "64100"}, {"combined_file_sizes", "65535"}};
  route.variables.insert(expected.begin(), expected.end());
  return route;
}

/// The value of the first field of that name in an answer's head, or nothing.
std::optional<std::string> field_of(const std::string& response, std::string_view name) {
  const std::size_t head = std::min(response.find("\r\n\r\n"), response.size());
  for (std::size_t at = response.find("\r\n"); at < head; at = response.find("\r\n", at + 2)) {
    const std::string_view line = std::string_view(response).substr(at + 2, response.find("\r\n", at + 2) - at - 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !same_text(line.substr(0, colon), name)) continue;
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    return std::string(value == std::string_view::npos ? std::string_view{} : line.substr(value));
  }
  return std::nullopt;
}

/// What one step leaves for the next.
struct Trail {
  std::string cookies;
  std::optional<std::string> location;
};

Result<Input> continued(Input input, const Trail& trail) {
  if (!trail.cookies.empty()) input.headers.emplace_back("Cookie", trail.cookies);
  if (!input.follow_redirect) return input;
  if (!trail.location) return client_error(Code::invalid, "the step before was not redirected");
  const std::size_t scheme = trail.location->find("://");
  const std::size_t path = scheme == std::string::npos ? 0 : trail.location->find('/', scheme + 3);
  input.uri = path == std::string::npos ? "/" : trail.location->substr(path);
  return input;
}

std::string run_test(const TestCase& test, const Overrides& overrides, Listener& listener) {
  Trail trail;
  for (std::size_t i = 0; i < test.steps.size(); ++i) {
    const Expectation* other = overrides.find(test.title, i);
    const Expectation& expected = other == nullptr ? test.steps[i].output : *other;
    const auto input = continued(test.steps[i].input, trail);
    if (!input) return input.error().message;
    Observation seen = listener.run(*input);
    std::string difference = compare(expected, seen);
    if (!difference.empty() && expected.retry_once) {
      seen = listener.run(*input);
      difference = compare(expected, seen);
    }
    if (!difference.empty()) return difference;
    trail.location = field_of(seen.response, "location");
    if (!input->save_cookie) continue;
    if (const auto cookie = field_of(seen.response, "set-cookie"))
      trail.cookies += (trail.cookies.empty() ? "" : "; ") + cookie->substr(0, cookie->find(';'));
  }
  return {};
}

}  // namespace

Result<RegressionReport> run_regression(const RegressionOptions& options) {
  const Suite suite = TRY(load_suite(options.directory));
  const Overrides overrides = TRY(Overrides::load(options.overrides));
  const auto rules = TRY(RuleSet::load(options.rules));
  const auto listener = TRY(Listener::start(rules, as_the_suites_expect(options.route)));
  const auto print = [&](std::string_view line) {
    if (options.print) options.print(line);
  };
  RegressionReport report;
  for (const auto& test : suite.tests) {
    if (test.title.find(options.only) == std::string::npos) continue;
    if (overrides.mentions(test.title)) report.overridden.push_back(test.title);
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
