// Only what SQL sets is seen here; what the server reports as set, in whatever way, is checked again by the relay.
#include "database/guards/encoding.h"

#include <algorithm>

#include "database/encodings.h"
#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

class Encoding final : public Guard {
 public:
  explicit Encoding(std::vector<std::string> exempt_roles) : exempt_roles_(std::move(exempt_roles)) {}

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "encoding", .everybodys = true};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    for (const auto& change : statement.parsed->facts().settings) {
      if (change.name != "client_encoding" || allowed(change.value, statement.session->user)) continue;
      findings.push_back({info().name, "database.session_setting", events::Severity::high,
                          "setting client_encoding may not be changed: text is read here as UTF8", "42501"});
      return Verdict::deny;
    }
    return Verdict::pass;
  }

 private:
  bool allowed(std::string_view value, std::string_view role) const {
    if (value.empty() || means_utf8(value)) return true;  // a reset goes back to what the login had
    const bool exempt =
        std::any_of(exempt_roles_.begin(), exempt_roles_.end(), [&](const std::string& each) { return each == "*" || each == role; });
    return exempt && keeps_ascii(value);
  }

  std::vector<std::string> exempt_roles_;
};

}  // namespace

std::shared_ptr<const Guard> make_encoding(std::vector<std::string> exempt_roles) {
  return std::make_shared<Encoding>(std::move(exempt_roles));
}

}  // namespace bulwark::database
