// Looks at tokens alone; what an app may keep writing out is named by its shape's fingerprint.
#include "database/guards/parameterised_only.h"

#include <algorithm>

#include "base/hex.h"
#include "database/guards/mode.h"
#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

/// Strings of these are names and options of the statement, for which no parameter may stand.
bool takes_parameters(Command command) {
  switch (command) {
    case Command::select:
    case Command::insert:
    case Command::update:
    case Command::delete_rows:
    case Command::merge:
    case Command::explain:
    case Command::prepare:
    case Command::execute:
    case Command::cursor:
    case Command::call: return true;
    default: return false;
  }
}

class ParameterisedOnly final : public Guard {
 public:
  explicit ParameterisedOnly(const ParameterisedOnlySettings& settings) : settings_(settings) {}

  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "parameterised_only"};
    return info;
  }

  Result<Verdict> check(const Statement& statement, std::vector<Finding>& findings) const override {
    const auto& roles = settings_.roles;
    if (!roles.empty() && std::find(roles.begin(), roles.end(), statement.session->user) == roles.end()) return Verdict::pass;
    const ShapeFacts& facts = statement.parsed->facts();
    if (std::none_of(facts.commands.begin(), facts.commands.end(), takes_parameters)) return Verdict::pass;
    const auto tokens = statement.parsed->tokens();
    const auto holds_string = [&](const sql::Token& token) {
      return token.kind == sql::TokenKind::string && !is_app_constant(token, statement.text);
    };
    if (std::none_of(tokens.begin(), tokens.end(), holds_string) || is_allowed(facts.fingerprint)) return Verdict::pass;
    return judged(settings_.mode, findings,
                  {info().name, "database.parameterised_only", events::Severity::medium,
                   "the statement holds a string where a bound parameter belongs", "42501"});
  }

 private:
  /// '' is nothing that a user typed.
  static bool is_app_constant(const sql::Token& token, std::string_view text) { return token.in(text) == "''"; }

  bool is_allowed(const std::array<std::uint8_t, 32>& fingerprint) const {
    const std::string text = to_hex(fingerprint);
    return std::any_of(settings_.allow_shapes.begin(), settings_.allow_shapes.end(),
                       [&](const std::string& each) { return text.starts_with(each); });
  }

  ParameterisedOnlySettings settings_;
};

}  // namespace

std::shared_ptr<const Guard> make_parameterised_only(const ParameterisedOnlySettings& settings) {
  return std::make_shared<ParameterisedOnly>(settings);
}

}  // namespace bulwark::database
