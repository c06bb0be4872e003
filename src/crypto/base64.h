// Base64 as notes, certificates and SCRAM write it (RFC 4648 §4, with padding). For tokens see base64url in token.h.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::crypto {

std::string base64(std::string_view bytes);

/// Strict: one value has exactly one spelling. Errors, origin client: anything else.
Result<std::string> base64_decode(std::string_view text);

}  // namespace bulwark::crypto
