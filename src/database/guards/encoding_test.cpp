// Who may have which encoding.
#include "database/guards/encoding.h"

#include "database/guards/policy_guards_test.h"

namespace bulwark::database {
namespace {

class EncodingTest : public PolicyGuardTest {
 protected:
  void SetUp() override { guard_ = make_encoding({"dba"}); }
};

TEST_F(EncodingTest, AppsSpeakUtf8) {
  for (const char* sql : {"set client_encoding = 'UTF8'", "set names 'utf-8'", "reset client_encoding", "set client_encoding to default",
                          "select 1", "set timezone = 'UTC'", "select set_config('client_encoding', 'UTF8', false)"})
    EXPECT_EQ(denied(sql, "app"), "") << sql;
  for (const char* sql : {"set client_encoding = 'LATIN1'", "set names 'SJIS'", "set client_encoding to sql_ascii",
                          "select set_config('client_encoding', 'LATIN1', false)", "select set_config('client_encoding', x, false) from y"})
    EXPECT_NE(denied(sql, "app"), "") << sql;
}

TEST_F(EncodingTest, ExemptRolesMayHaveWhatKeepsAscii) {
  EXPECT_EQ(denied("set client_encoding = 'LATIN1'", "dba"), "");
  EXPECT_EQ(denied("set client_encoding to sql_ascii", "dba"), "");
  EXPECT_NE(denied("set client_encoding = 'SJIS'", "dba"), "");
  EXPECT_NE(denied("set client_encoding = 'nothing'", "dba"), "");
}

}  // namespace
}  // namespace bulwark::database
