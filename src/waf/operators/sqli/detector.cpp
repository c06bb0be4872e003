#include "waf/operators/sqli/detector.h"

namespace bulwark::waf::sqli {

Fingerprint detect(std::string_view) { return {}; }

}  // namespace bulwark::waf::sqli
