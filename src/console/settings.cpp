#include "console/settings.h"

#include "config/schema.h"

namespace bulwark::console {

Endpoint default_listen() { return {IpAddress::parse("127.0.0.1").value(), 9443}; }

void describe(config::Object<Settings>& object) {
  object.field("enabled", &Settings::enabled, {.help = "Serve the console at all.", .example = "true", .needs_restart = true})
      .field("listen", &Settings::listen,
             {.help = "Where the console listens, always over TLS. Keep it on loopback or a private network.",
              .example = "127.0.0.1:9443",
              .needs_restart = true})
      .field("certificate_file", &Settings::certificate_file,
             {.help = "PEM chain, leaf first. Without one a self-signed certificate is made in the data folder.",
              .example = "/etc/bulwark/console.pem"})
      .field("key_file", &Settings::key_file, {.help = "PEM private key of certificate_file.", .example = "/etc/bulwark/console.key"})
      .field("session_idle", &Settings::session_idle,
             {.help = "A session ends after this long without a request by its owner.",
              .example = "60m",
              .min = 60'000,
              .max = 24 * 3'600'000})
      .field("session_lifetime", &Settings::session_lifetime,
             {.help = "A session ends this long after sign-in, whatever happens.",
              .example = "12h",
              .min = 300'000,
              .max = 7 * 24 * 3'600'000LL})
      .check([](const Settings& settings) {
        return settings.certificate_file.empty() != settings.key_file.empty()
                   ? "certificate_file and key_file belong together: give both or neither"
                   : "";
      });
}

}  // namespace bulwark::console
