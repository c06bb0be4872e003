// The console's API as one table: method, path, who may, on which lane, and the action. Everything that protects an action is
// decided here before it is queued: is there such a route, is the caller signed in and allowed, does a state change come from
// our own page.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "console/call.h"

namespace bulwark::console {

enum class Access : std::uint8_t { open, viewer, responder, admin };
enum class Lane : std::uint8_t { reads, passwords };

struct ApiRoute {
  std::string_view method;  ///< GET or POST; a POST changes state
  std::string_view path;    ///< exact, or ending in "/*"
  Access access = Access::viewer;
  Lane lane = Lane::reads;
  std::function<Reply(Call&)> action;
};

class Router {
 public:
  void add(ApiRoute route) { routes_.push_back(std::move(route)); }

  struct Match {
    const ApiRoute* route = nullptr;  ///< set exactly when the call may proceed
    Reply refusal;
  };
  /// Fills call.session and call.rest.
  Match match(Call& call, Sessions& sessions) const;

 private:
  const ApiRoute* find(Call& call, bool& path_known) const;
  std::vector<ApiRoute> routes_;
};

/// Why this state change cannot have come from our own page, or empty. Origin and Sec-Fetch-Site say where it came from
/// (https://www.w3.org/TR/fetch-metadata/), a JSON body cannot be sent by a form, the CSRF token only our page knows.
std::string_view cross_site_objection(const Call& call);

}  // namespace bulwark::console
