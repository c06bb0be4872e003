// The console's settings: where it listens, its certificate, and how long a session lives.
#pragma once

#include <chrono>
#include <string>

#include "base/ip.h"

namespace bulwark::config {
template <class S>
class Object;
}

namespace bulwark::console {

/// 127.0.0.1:9443: people reach it through their own machine, an SSH tunnel or a VPN, never from the internet.
Endpoint default_listen();

struct Settings {
  bool enabled = true;
  Endpoint listen = default_listen();
  std::string certificate_file;  ///< both empty: self-signed, kept in the data folder
  std::string key_file;
  std::chrono::milliseconds session_idle = std::chrono::minutes(60);
  std::chrono::milliseconds session_lifetime = std::chrono::hours(12);
};

void describe(config::Object<Settings>& object);

}  // namespace bulwark::console
