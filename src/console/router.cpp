#include "console/router.h"

#include "console/secret_text.h"

namespace bulwark::console {
namespace {

bool allows(Access access, Role role) {
  switch (access) {
    case Access::open: return true;
    case Access::viewer: return role >= Role::viewer;
    case Access::responder: return role >= Role::responder;
    case Access::admin: return role >= Role::admin;
  }
  return false;
}

}  // namespace

std::string_view cross_site_objection(const Call& call) {
  if (call.origin != "https://" + call.authority) return "This request does not come from the console's own page.";
  if (!call.fetch_site.empty() && call.fetch_site != "same-origin") return "This request comes from another site.";
  if (!call.content_type.starts_with("application/json")) return "The body has to be application/json.";
  return {};
}

Router::Match Router::match(Call& call, Sessions& sessions) const {
  bool path_known = false;
  const ApiRoute* route = find(call, path_known);
  if (route == nullptr)
    return {nullptr, path_known ? problem(405, "method", "This path does not take that method.")
                                : problem(404, "not_found", "There is nothing at this path.")};
  call.session = sessions.use(call.session_token);
  if (route->access != Access::open && !call.session) return {nullptr, problem(401, "signed_out", "Sign in to go on.")};
  if (route->method == "POST") {
    if (const auto objection = cross_site_objection(call); !objection.empty()) return {nullptr, problem(403, "cross_site", objection)};
    if (route->access != Access::open && !same_secret(call.csrf, call.session->csrf))
      return {nullptr, problem(403, "csrf", "The page is out of date. Reload it and try again.")};
  }
  if (route->access != Access::open && !allows(route->access, call.session->role))
    return {nullptr, problem(403, "role", "Your role does not allow this. Ask an admin.")};
  return {route, {}};
}

const ApiRoute* Router::find(Call& call, bool& path_known) const {
  for (const auto& route : routes_) {
    const bool open_ended = route.path.ends_with("/*");
    const auto stem = open_ended ? route.path.substr(0, route.path.size() - 1) : route.path;
    const bool matches = open_ended ? call.path.size() > stem.size() && call.path.starts_with(stem) : call.path == stem;
    if (!matches) continue;
    path_known = true;
    if (call.method != route.method) continue;
    if (open_ended) call.rest = call.path.substr(stem.size());
    return &route;
  }
  return nullptr;
}

}  // namespace bulwark::console
