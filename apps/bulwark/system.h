// All planes of one process, composed: what `bulwark serve` starts, reloads and stops.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/ip.h"
#include "base/result.h"
#include "bulwark/settings.h"

namespace bulwark::app {

/// Where the planes listen, after the kernel chose.
struct Addresses {
  Endpoint edge;
  std::optional<Endpoint> database;
  std::optional<Endpoint> console;
};

class System {
 public:
  /// Starts everything that the configuration names, or nothing. Errors say what could not be started and why.
  static Result<std::unique_ptr<System>> start(const std::string& config_file);
  ~System();

  /// Reads the configuration file again. On an Error everything goes on as it was. Returns what a reload cannot change, in words.
  Result<std::string> reload();
  /// Stops accepting, lets what is in progress end, keeps every event.
  void stop();

  const Addresses& addresses() const;
  /// While nobody has an account at the console.
  const std::optional<std::string>& setup_code() const;

 private:
  struct Parts;
  explicit System(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace bulwark::app
