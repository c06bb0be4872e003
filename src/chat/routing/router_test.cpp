// Who gets which model, who takes its place, and what the upstream is told.
#include "chat/routing/router.h"

#include <gtest/gtest.h>

namespace bulwark::chat::routing {
namespace {

Router router() {
  std::vector<ModelSettings> models(4);
  models[0].name = "fast";
  models[0].as = "real-fast";
  models[0].retries = 2;
  models[0].fallback = {"spare", "staff-only"};
  models[1].name = "spare";
  models[1].retries = 0;
  models[2].name = "staff-only";
  models[2].roles = {"staff"};
  models[2].retries = 0;
  models[3].name = "open-*";
  models[3].retries = 0;
  return Router::create(models, nullptr).value();
}

std::vector<std::string> chain(std::string_view asked, std::vector<std::string> roles = {}) {
  trace::Principal who;
  who.roles = std::move(roles);
  std::vector<std::string> names;
  const Router made = router();
  for (const Model* model : made.chain(asked, who)) names.emplace_back(model->name(asked));
  return names;
}

using Names = std::vector<std::string>;

TEST(Router, AsksTheModelItsRetriesAndTheFallbacksOfTheUser) {
  EXPECT_EQ(chain("fast"), (Names{"real-fast", "real-fast", "real-fast", "spare"}));
  EXPECT_EQ(chain("fast", {"staff"}), (Names{"real-fast", "real-fast", "real-fast", "spare", "staff-only"}));
  EXPECT_EQ(chain("open-7b"), Names{"open-7b"});
}

TEST(Router, KnowsNoOtherModelsAndNoneOfOthers) {
  EXPECT_TRUE(chain("gpt-x").empty());
  EXPECT_TRUE(chain("").empty());
  EXPECT_TRUE(chain("staff-only").empty());
  EXPECT_EQ(chain("staff-only", {"staff"}), Names{"staff-only"});
}

TEST(Router, RefusesUpstreamsThatDoNotExist) {
  ModelSettings model;
  model.name = "m";
  model.upstream = "nowhere";
  EXPECT_FALSE(Router::create({model}, [](std::string_view) { return nullptr; }).ok());
}

TEST(Router, RefusesFallbacksThatAreNotInTheList) {
  ModelSettings model;
  model.name = "m";
  model.fallback = {"n"};
  EXPECT_NE(models_problem({model}), "");
  model.fallback = {"m"};
  EXPECT_NE(models_problem({model}), "");
}

TEST(Router, WritesTheModelAnew) {
  EXPECT_EQ(with_model(R"({"messages":[{"model":"x"}],"model":"a","n":1})", "b").value(),
            R"({"model":"b","messages":[{"model":"x"}],"n":1})");
  EXPECT_FALSE(with_model("[", "b").ok());
}

}  // namespace
}  // namespace bulwark::chat::routing
