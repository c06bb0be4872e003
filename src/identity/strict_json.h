// JSON objects in which every name stands once, however deep: two parties that read "iss" twice may each believe another one.
#pragma once

#include <string_view>

#include "base/result.h"
#include "wire/json/reader.h"

namespace bulwark::identity {

/// Errors, origin client: not JSON, not an object, past a limit, or a repeated name.
Result<json::Document> parse_strict_object(std::string_view text, const json::ReadLimits& limits);

}  // namespace bulwark::identity
