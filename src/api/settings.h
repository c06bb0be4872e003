// What a route's answers are hardened with.
#pragma once

#include "config/schema.h"

namespace bulwark::api {

struct HardeningSettings {
  bool enabled = true;
  bool strict_transport = true;  ///< HSTS for a year, over TLS only
  bool hide_server = true;       ///< removes Server and X-Powered-By
};
void describe(config::Object<HardeningSettings>& object);

}  // namespace bulwark::api
