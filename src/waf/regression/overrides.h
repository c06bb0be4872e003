// Expectations that a server meets differently than the suite says, each with its reason: our own list, or one in the schema of
// go-ftw's platform overrides.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "waf/regression/suite.h"

namespace bulwark::waf::regression {

class Overrides {
 public:
  /// Errors name the file, and the line where that is known. An empty path: no overrides.
  static Result<Overrides> load(const std::string& path);

  /// What is expected of a step (counted from 0) instead of what the test says; nullptr: nothing else.
  const Expectation* find(const std::string& title, std::size_t step) const;
  bool mentions(const std::string& title) const;

 private:
  struct Entry {
    std::set<std::size_t> steps;  ///< empty: all
    Expectation output;
  };
  std::map<std::string, std::vector<Entry>> entries_;  ///< by title; "920100-" stands for all tests of a rule
};

}  // namespace bulwark::waf::regression
