#include "console/event_query.h"

#include <gtest/gtest.h>

namespace bulwark::console {
namespace {

TEST(EventQuery, ReadsEveryParameter) {
  const auto query = event_query(
      Parameters("from=1000&to=2000&source=203.0.113.9&trace=0123456789abcdef0123456789abcdef&plane=waf&class=http_activity&"
                 "disposition=blocked&severity=high&user=ada&tenant=acme&rule=942100&text=union%20select+%2a&before=77&limit=50"));
  ASSERT_TRUE(query.ok()) << query.error().message;
  EXPECT_EQ(query->from, 1'000'000'000);
  EXPECT_EQ(query->to, 2'000'000'000);
  EXPECT_EQ(query->source->text(), "203.0.113.9");
  EXPECT_EQ(query->trace->hex(), "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(query->plane, events::Plane::waf);
  EXPECT_EQ(query->event_class, events::Class::http_activity);
  EXPECT_EQ(query->disposition, events::Disposition::blocked);
  EXPECT_EQ(query->min_severity, events::Severity::high);
  EXPECT_EQ(query->user, "ada");
  EXPECT_EQ(query->tenant, "acme");
  EXPECT_EQ(query->rule, "942100");
  EXPECT_EQ(query->text, "union select *");
  EXPECT_EQ(query->before, 77U);
  EXPECT_EQ(query->limit, 50U);
}

TEST(EventQuery, EmptyMeansEverything) {
  const auto query = event_query(Parameters(""));
  ASSERT_TRUE(query.ok());
  EXPECT_FALSE(query->source || query->trace || query->plane || query->disposition);
}

TEST(EventQuery, RefusesWhatItDoesNotUnderstand) {
  for (const auto* text : {"from=yesterday", "from=-1", "from=99999999999999999", "to=1e3", "source=localhost", "trace=12", "plane=moon",
                           "class=x", "disposition=maybe", "severity=9", "before=-1", "limit=201", "limit=x"})
    EXPECT_FALSE(event_query(Parameters(text)).ok()) << text;
}

TEST(Parameters, AreBoundedAndDecoded) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "a" + std::to_string(i) + "=1&";
  const Parameters parameters(many);
  EXPECT_EQ(parameters.get("a31"), "1");
  EXPECT_EQ(parameters.get("a32"), "");
  EXPECT_EQ(Parameters("a=" + std::string(5000, 'x')).get("a").size(), Parameters::kMaxValue);
  EXPECT_EQ(Parameters("a=%zz%4").get("a"), "%zz%4");
  EXPECT_EQ(Parameters("a&b==&=c").get("b"), "=");
}

}  // namespace
}  // namespace bulwark::console
