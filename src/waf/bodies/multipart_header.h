// The two headers that govern a multipart body: the boundary out of Content-Type, and the names out of a part's
// Content-Disposition.
#pragma once

#include <string_view>

#include "waf/bodies/multipart.h"

namespace bulwark::waf {

/// The boundary, or an empty view and flags.error with `message` set.
std::string_view multipart_boundary(std::string_view content_type, MultipartFlags& flags, std::string_view& message);

struct Disposition {
  bool valid = false;
  std::string_view name;
  std::string_view filename;
};

/// Reads `form-data; name="a"; filename="b"`; unescaped text goes to the arena.
Disposition parse_disposition(std::string_view value, TextArena& arena, MultipartFlags& flags);

}  // namespace bulwark::waf
