// Whether a value reads as script injection: it is cut into HTML5 tokens in each of the contexts a page may put it in, and
// dangerous tags, attributes and URLs are looked for.
#pragma once

#include <string_view>

namespace bulwark::waf::xss {

bool detect(std::string_view value);

}  // namespace bulwark::waf::xss
