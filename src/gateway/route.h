// Which requests go where, through which stages: an immutable table, swapped whole on reload.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/handler.h"
#include "gateway/pipeline.h"
#include "gateway/upstream_settings.h"

namespace bulwark::gateway {

struct Limits {
  std::size_t max_header_bytes = 32 * 1024;
  std::size_t max_body_bytes = 10 * 1024 * 1024;
  std::chrono::milliseconds header_timeout{10'000};    ///< from the first byte to the end of the head
  std::chrono::milliseconds body_timeout{30'000};      ///< between two reads of a body
  std::chrono::milliseconds idle_timeout{60'000};      ///< keep-alive, and WebSocket silence
  std::chrono::milliseconds upstream_timeout{60'000};  ///< to the response's head, and between two reads of its body
};

struct Route {
  std::string id;                                    ///< unique; named in events
  std::string host;                                  ///< exact, lower case; "*.example.com"; empty: any
  std::string path_prefix = "/";                     ///< matches at segment borders: "/api" matches "/api" and "/api/x", not "/apix"
  std::shared_ptr<const UpstreamSettings> upstream;  ///< either this …
  std::shared_ptr<Handler> handler;                  ///< … or this
  std::vector<std::shared_ptr<const UpstreamSettings>> others;  ///< that a stage may choose instead of `upstream`
  Limits limits;
  Pipeline pipeline{{}};
};

class RouteTable {
 public:
  /// The order given does not matter: exact host before wildcard before any, longer prefix before shorter.
  explicit RouteTable(std::vector<std::shared_ptr<const Route>> routes);
  /// nullptr: no route, answered 404. `path` is matched after percent-decoding of unreserved characters and removal of
  /// dot segments, so that no spelling of a path reaches another route's upstream.
  const Route* match(std::string_view authority, std::string_view path) const;
  const std::vector<std::shared_ptr<const Route>>& routes() const { return routes_; }

 private:
  std::vector<std::shared_ptr<const Route>> routes_;
};

}  // namespace bulwark::gateway
