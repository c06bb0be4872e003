// Strings that stand where a parameter belongs.
#include "database/guards/parameterised_only.h"

#include "database/guards/policy_guards_test.h"

namespace bulwark::database {
namespace {

class ParameterisedOnlyTest : public PolicyGuardTest {
 protected:
  ParameterisedOnlyTest() { guard_ = make_parameterised_only({GuardMode::enforce, {"app"}, {}}); }
};

TEST_F(ParameterisedOnlyTest, DeniesStringsAndPassesTheRest) {
  for (const char* sql : {"select * from users where name = 'anna'", "insert into users (name) values ('anna')", "select $$anna$$",
                          "update users set name = E'anna' where id = $1"})
    EXPECT_NE(denied(sql), "") << sql;
  for (const char* sql :
       {"select * from users where name = $1", "select * from users where status = 1 limit 10", "select coalesce(name, '') from users",
        "set application_name = 'shop'", "begin", "listen news", "comment on table users is 'people'"})
    EXPECT_EQ(denied(sql), "") << sql;
}

TEST_F(ParameterisedOnlyTest, OtherRolesAndNamedShapesPass) {
  const std::string sql = "select * from users where kind = 'admin'";
  EXPECT_TRUE(passes(sql, "reporting"));
  EXPECT_FALSE(passes(sql));
  std::string fingerprint;
  for (const std::uint8_t byte : statement_.parsed->facts().fingerprint) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    fingerprint += digits;
  }
  guard_ = make_parameterised_only({GuardMode::enforce, {}, {fingerprint.substr(0, 16)}});
  EXPECT_TRUE(passes(sql));
  EXPECT_FALSE(passes("select * from users where name = 'admin'"));
}

}  // namespace
}  // namespace bulwark::database
