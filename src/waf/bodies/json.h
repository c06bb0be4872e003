// JSON bodies flattened into arguments with ModSecurity v3's names: {"a":{"b":[1,"x"]}} gives json.a.b.array_0=1 and
// json.a.b.array_1=x.
#pragma once

#include <string_view>
#include <vector>

#include "waf/bodies/arguments.h"

namespace bulwark::waf {

struct JsonLimits {
  ArgumentLimits arguments;
  std::size_t max_depth = 512;             ///< SecRequestBodyJsonDepthLimit
  std::size_t max_name_bytes = 64 * 1024;  ///< of one flattened name
};

struct JsonResult {
  bool error = false;  ///< REQBODY_ERROR: not JSON, or a limit was passed
  bool depth_exceeded = false;
  bool limit_reached = false;
  std::string_view message;  ///< a static sentence for REQBODY_ERROR_MSG
};

/// Appends the leaves of `text` to `out` in document order: strings unescaped, numbers as written, true, false, and null as
/// an empty value. What came before an error is kept, as the reference does.
/// Names begin with `root`.
JsonResult parse_json(std::string_view text, const JsonLimits& limits, TextArena& arena, std::vector<Argument>& out,
                      std::string_view root = "json");

/// Takes apart the string values among out[from…] that are JSON objects or arrays themselves, under the name of the value
/// ("json.a" holding {"b":1} also gives json.a.b), and what is in them likewise, to kMaxNested levels. What is not JSON is left alone;
/// true: the limit of arguments was reached.
bool parse_nested_json(const JsonLimits& limits, TextArena& arena, std::vector<Argument>& out, std::size_t from);
inline constexpr std::size_t kMaxNested = 4;

}  // namespace bulwark::waf
