// application/x-www-form-urlencoded bodies and query strings, decoded as ModSecurity v3 does.
#pragma once

#include <string_view>
#include <vector>

#include "waf/bodies/arguments.h"

namespace bulwark::waf {

struct UrlencodedFlags {
  bool invalid_encoding = false;  ///< a `%` without two hex digits: URLENCODED_ERROR
  bool limit_reached = false;     ///< more arguments than the limit; the rest was dropped
};

/// Appends each `name=value` of `text` to `out`, in order; names and values are views into `text` or `arena`.
UrlencodedFlags parse_urlencoded(std::string_view text, char separator, const ArgumentLimits& limits, TextArena& arena,
                                 std::vector<Argument>& out);

}  // namespace bulwark::waf
