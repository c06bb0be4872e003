#include "waf/operators/xss/detector.h"

namespace bulwark::waf::xss {

bool detect(std::string_view) { return false; }

}  // namespace bulwark::waf::xss
