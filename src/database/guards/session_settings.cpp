// Which settings may be set to what.
#include "database/guards/session_settings.h"

#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

bool means_on(std::string_view value) { return value == "on" || value == "true" || value == "1" || value == "yes"; }

bool allowed(const SettingChange& change) {
  if (change.name == "standard_conforming_strings") return means_on(change.value);
  // RESET ALL and DISCARD go back to what the login gave, which was checked. SET ROLE NONE and RESET ROLE likewise.
  if (change.name == "role") return change.value.empty() || change.value == "none";
  if (change.name == "session_authorization") return change.value.empty();
  if (change.name == "backslash_quote" || change.name == "session_preload_libraries" || change.name == "local_preload_libraries" ||
      change.name == "dynamic_library_path" || change.name == "?")
    return false;
  return true;
}

class SessionSettings final : public Guard {
 public:
  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "session_settings"};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    for (const auto& change : statement.parsed->facts().settings) {
      if (allowed(change)) continue;
      findings.push_back({info().name, "database.session_setting", events::Severity::high,
                          change.name == "?" ? "a setting's name must be a constant" : "setting " + change.name + " may not be changed",
                          "42501"});
      return Verdict::deny;
    }
    return Verdict::pass;
  }
};

}  // namespace

std::shared_ptr<const Guard> make_session_settings() { return std::make_shared<SessionSettings>(); }

}  // namespace bulwark::database
