// The http and https URLs that our own configuration names (RFC 3986, RFC 9110 §4.2): read strictly, since two readers that
// differ about a URL's host send secrets to different places.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::net {

struct Url {
  static constexpr std::size_t kMaxBytes = 2'048;

  bool tls = false;
  std::string host;          ///< a name in lower case or an address; IPv6 without brackets
  std::uint16_t port = 0;    ///< 80 and 443 if none was given
  std::string target = "/";  ///< path and query

  /// As the Host field carries it: brackets put back, the scheme's own port left out.
  std::string authority() const;
  /// Errors, origin config: another scheme, user info, a fragment, a malformed host or port, white space or controls.
  static Result<Url> parse(std::string_view text);
};

}  // namespace bulwark::net
