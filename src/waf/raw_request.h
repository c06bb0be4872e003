// Takes a request apart as leniently as the most careless server would: for requests that the gateway refuses (so that the
// rules' word on them is recorded as well) and for regression tests inside one process.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulwark::waf {

struct RawRequest {
  static constexpr std::size_t kMaxHeaders = 256;

  std::string_view method;
  std::string_view target;
  std::string_view protocol;                                 ///< empty if the line has no third word
  std::string_view line;                                     ///< the whole first line
  std::vector<std::pair<std::string, std::string>> headers;  ///< folded lines joined by a space
  std::string_view body;                                     ///< what follows the empty line, undecoded
};

/// Never fails; whatever is missing is empty. Views point into `bytes`.
RawRequest take_apart(std::string_view bytes);

}  // namespace bulwark::waf
