// By name: information_schema as a whole, pg_catalog but for what drivers need, with or without the schema written out.
#include "database/guards/catalogue.h"

#include <algorithm>
#include <set>

#include "database/guards/mode.h"
#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

/// What drivers and ORMs look up when they connect: types and their ranges, settings, the version.
constexpr std::string_view kForDrivers[] = {"pg_type",           "pg_range",           "pg_enum", "pg_settings", "pg_collation",
                                            "pg_timezone_names", "pg_timezone_abbrevs"};

class Catalogue final : public Guard {
 public:
  explicit Catalogue(const CatalogueSettings& settings)
      : mode_(settings.mode), exempt_(settings.exempt_roles), allowed_(std::begin(kForDrivers), std::end(kForDrivers)) {
    allowed_.insert(settings.allow.begin(), settings.allow.end());
  }

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "catalogue"};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    if (std::find(exempt_.begin(), exempt_.end(), statement.session->user) != exempt_.end()) return Verdict::pass;
    for (const auto& each : statement.parsed->facts().relations)
      if (is_catalogue(each) && !allowed_.contains(each.name))
        return judged(
            mode_, findings,
            {info().name, "database.catalogue", events::Severity::high, "the catalogue " + each.name + " may not be read", "42501"});
    return Verdict::pass;
  }

 private:
  /// PostgreSQL reserves names that begin with pg_ for itself, and finds them whatever the search path is.
  static bool is_catalogue(const RelationUse& relation) {
    return relation.schema == "information_schema" || relation.schema == "pg_catalog" ||
           (relation.schema.empty() && relation.name.starts_with("pg_"));
  }

  GuardMode mode_;
  std::vector<std::string> exempt_;
  std::set<std::string, std::less<>> allowed_;
};

}  // namespace

std::shared_ptr<const Guard> make_catalogue(const CatalogueSettings& settings) { return std::make_shared<Catalogue>(settings); }

}  // namespace bulwark::database
