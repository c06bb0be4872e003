// What the stage @name@ lets pass and what it denies.
#include "api/@name@.h"

#include <gtest/gtest.h>

namespace bulwark::api {
namespace {

TEST(@Name@, LetsAnOrdinaryRequestPass) {
  gateway::Exchange exchange;
  exchange.request.method = "GET";
  exchange.request.path = "/";
  auto verdict = make_@name@()->run(gateway::Phase::request_head, exchange, 0);
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(*verdict, gateway::Verdict::pass);
}

}  // namespace
}  // namespace bulwark::api
