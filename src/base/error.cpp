// Names and constructors of Error.
#include "base/error.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace bulwark {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::invalid: return "invalid";
    case Code::not_found: return "not_found";
    case Code::too_large: return "too_large";
    case Code::timeout: return "timeout";
    case Code::unavailable: return "unavailable";
    case Code::denied: return "denied";
    case Code::exhausted: return "exhausted";
    case Code::corrupt: return "corrupt";
    case Code::unsupported: return "unsupported";
    case Code::conflict: return "conflict";
    case Code::io: return "io";
    case Code::cancelled: return "cancelled";
  }
  return "unknown";
}

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::client: return "client";
    case Origin::upstream: return "upstream";
    case Origin::internal: return "internal";
    case Origin::config: return "config";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  std::string out(to_string(error.origin));
  out.append("/").append(to_string(error.code)).append(": ").append(error.message);
  return out;
}

Error client_error(Code code, std::string message) { return {code, Origin::client, std::move(message)}; }
Error upstream_error(Code code, std::string message) { return {code, Origin::upstream, std::move(message)}; }
Error internal_error(Code code, std::string message) { return {code, Origin::internal, std::move(message)}; }
Error config_error(std::string message) { return {Code::invalid, Origin::config, std::move(message)}; }

Error errno_error(std::string_view what) {
  const int saved = errno;
  return {Code::io, Origin::internal, std::string(what) + ": " + std::strerror(saved)};
}

}  // namespace bulwark
