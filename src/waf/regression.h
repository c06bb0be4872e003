// `bulwark waf test <dir>`: the OWASP CRS regression files, each request sent over TCP to a listener of our own that runs the
// configured rules, with a backend that reflects what a test asks for.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "waf/settings.h"

namespace bulwark::waf {

struct RegressionOptions {
  std::string directory;
  std::string only;       ///< a part of the titles to run; empty: all
  std::string overrides;  ///< a YAML file of expectations that our gateway meets differently, each with its reason
  Settings rules;
  RouteSettings route;
  std::function<void(std::string_view line)> print;  ///< failures as they happen, then the closing line; may be empty
};

struct RegressionReport {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::vector<std::string> failures;    ///< "920100-4: expected status 405, got 200"
  std::vector<std::string> overridden;  ///< titles that ran with another expectation
};

Result<RegressionReport> run_regression(const RegressionOptions& options);

}  // namespace bulwark::waf
