// Looking around in the catalogues.
#include "database/guards/catalogue.h"

#include "database/guards/policy_guards_test.h"

namespace bulwark::database {
namespace {

class CatalogueTest : public PolicyGuardTest {
 protected:
  CatalogueTest() { guard_ = make_catalogue({GuardMode::enforce, {"migrate"}, {"pg_indexes"}}); }
};

TEST_F(CatalogueTest, DeniesSweeps) {
  for (const char* sql :
       {"select table_name from information_schema.tables", "select * from pg_catalog.pg_class", "select usename, passwd from pg_shadow",
        "table pg_user", "select 1 from users union select tablename from pg_tables", "select (select rolname from pg_roles limit 1)",
        "delete from pg_catalog.pg_proc"})
    EXPECT_NE(denied(sql), "") << sql;
}

TEST_F(CatalogueTest, PassesWhatDriversReadAndWhatIsAllowed) {
  for (const char* sql :
       {"select oid, typarray from pg_type where typname = 'hstore'", "select * from pg_catalog.pg_type", "select * from pg_indexes",
        "select version()", "select * from users", "select * from app.pg_things", "select setting from pg_settings"})
    EXPECT_EQ(denied(sql), "") << sql;
  EXPECT_TRUE(passes("select * from pg_class", "migrate"));
}

}  // namespace
}  // namespace bulwark::database
