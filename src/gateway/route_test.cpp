// Routes by host and path, whatever spelling the path comes in.
#include "gateway/route.h"

#include <gtest/gtest.h>

namespace bulwark::gateway {
namespace {

std::shared_ptr<const Route> route(std::string id, std::string host, std::string prefix) {
  auto made = std::make_shared<Route>();
  made->id = std::move(id);
  made->host = std::move(host);
  made->path_prefix = std::move(prefix);
  return made;
}

const RouteTable& table() {
  static const RouteTable made({route("any", "", "/"), route("api", "", "/api"), route("admin", "", "/api/admin"),
                                route("wild", "*.example.com", "/"), route("shop", "shop.example.com", "/"),
                                route("shop-api", "shop.example.com", "/api/")});
  return made;
}

std::string id(std::string_view authority, std::string_view path) {
  const Route* found = table().match(authority, path);
  return found == nullptr ? "none" : found->id;
}

TEST(RouteTable, PrefersExactHostsAndLongPrefixes) {
  EXPECT_EQ(id("other", "/"), "any");
  EXPECT_EQ(id("other", "/api"), "api");
  EXPECT_EQ(id("other", "/api/x"), "api");
  EXPECT_EQ(id("other", "/apix"), "any");
  EXPECT_EQ(id("other", "/api/admin/x"), "admin");
  EXPECT_EQ(id("SHOP.example.com:8443", "/"), "shop");
  EXPECT_EQ(id("shop.example.com", "/api/x"), "shop-api");
  EXPECT_EQ(id("a.b.example.com", "/"), "wild");
  EXPECT_EQ(id("example.com", "/"), "any");
  EXPECT_EQ(id("[::1]:80", "*"), "any");
}

TEST(RouteTable, NoSpellingReachesAnotherRoute) {
  for (const char* path : {"/api/admin", "/api//admin/", "//api/admin", "/x/../api/admin", "/api/./admin", "/%61pi/admin", "/api/%61dm%69n",
                           "/api/x/%2e%2e/admin", "/api/admin/../admin/y"})
    EXPECT_EQ(id("h", path), "admin") << path;
  // Two servers would disagree on these.
  for (const char* path : {"/api%2fadmin", "/api/x%2f..%2fadmin", "/api\\admin", "/x%5c..%5capi/admin"})
    EXPECT_EQ(id("h", path), "none") << path;
  EXPECT_EQ(id("h", "/api/a%2fb"), "api");
  EXPECT_EQ(id("h", "/../../.."), "any");
  EXPECT_EQ(id("h", "/%"), "any");
}

}  // namespace
}  // namespace bulwark::gateway
