// Loading: base rules and files into one document, then compiled.
#include "waf/rule_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "waf/base_rules.h"
#include "waf/blocklists.h"
#include "waf/compiler/compiler.h"
#include "waf/engine/persistent.h"
#include "waf/policy.h"
#include "waf/rule_files.h"
#include "waf/seclang/arguments.h"
#include "waf/seclang/reader.h"

namespace bulwark::waf {
namespace {

Result<std::shared_ptr<const Program>> load_program(const std::vector<std::string>& files, const Settings& settings) {
  seclang::Document document;
  const bool third = settings.reference == Reference::modsecurity3;
  const auto escapes = third ? seclang::Escapes::quote_only : seclang::Escapes::quote_and_backslash;
  if (settings.base_rules) document = TRY(seclang::read_text(base_rules(), "base rules", escapes));
  seclang::append(document, TRY(seclang::read_files(files, escapes)));
  CompileOptions options;
  options.generation = third ? Generation::third : Generation::second;
  options.geo_database = settings.geo_database;
  options.nested_json = settings.nested_json;
  options.cache_directory = settings.cache_directory;
  return compile(document, options);
}

/// The same files make the same program under both.
bool compiles_alike(const Settings& a, const Settings& b) {
  return a.base_rules == b.base_rules && a.reference == b.reference && a.geo_database == b.geo_database && a.nested_json == b.nested_json;
}

/// The end of the day "YYYY-MM-DD", UTC.
Result<WallTime> end_of_day(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%d", &parts);
  if (end == nullptr || *end != '\0')
    return config_error(fmt::format("exclusion expires on '{}', which is not a date like 2027-01-31", text));
  return (static_cast<WallTime>(::timegm(&parts)) + 86'400) * 1'000'000'000;
}

}  // namespace

RuleSet::RuleSet() = default;
RuleSet::~RuleSet() = default;

Result<std::shared_ptr<const RuleSet>> RuleSet::load(const Settings& settings, const RuleSet* before) {
  std::shared_ptr<RuleSet> made(new RuleSet);
  made->settings_ = settings;
  TRY(made->add("default", settings.rules, settings, before));
  for (const auto& [name, set] : settings.rule_sets) {
    if (name == "default") return config_error("the rule set 'default' is what waf.rules lists; name this one differently");
    TRY(made->add(name, set.files, settings, before));
  }
  made->store_ = before != nullptr ? before->store_ : std::make_shared<PersistentStore>();
  const auto asks = [](const auto& entry) { return entry.second.program->asks_blocklists; };
  if (std::any_of(made->programs_.begin(), made->programs_.end(), asks)) {
    const bool same = before != nullptr && before->settings_.blocklists == settings.blocklists;
    made->blocklists_ = same && before->blocklists_ ? before->blocklists_ : TRY(Blocklists::start(settings.blocklists));
  }
  return std::shared_ptr<const RuleSet>(made);
}

Result<void> RuleSet::add(const std::string& name, const std::vector<std::string>& paths, const Settings& settings, const RuleSet* before) {
  const std::vector<std::string> files = rule_files(paths);  // what a folder holds may have changed
  if (before != nullptr && compiles_alike(before->settings_, settings)) {
    const auto old = before->programs_.find(name);
    if (old != before->programs_.end() && old->second.files == files && old->second.program->inputs.unchanged()) {
      programs_.emplace(name, old->second);
      return {};
    }
  }
  auto program = TRY(load_program(files, settings));  // not inside the braces: the compiler would leak what was made before it returns
  programs_.emplace(name, Entry{files, std::move(program)});
  return {};
}

std::shared_ptr<const Program> RuleSet::program(std::string_view name) const {
  const auto at = programs_.find(name);
  return at == programs_.end() ? nullptr : at->second.program;
}

std::size_t RuleSet::rule_count() const {
  std::size_t total = 0;
  for (const auto& [name, entry] : programs_) total += entry.program->rules.size();
  return total;
}

Result<std::shared_ptr<const Policy>> make_policy(const Program& program, const RouteSettings& settings) {
  auto policy = std::make_shared<Policy>();
  policy->engine = settings.mode == Mode::enforce ? Engine::on : settings.mode == Mode::monitor ? Engine::detect : Engine::off;
  policy->deny_when_budget_is_spent = settings.on_budget == Uninspected::deny;
  const std::string level = std::to_string(settings.paranoia_level);
  for (const auto name : {"paranoia_level", "executing_paranoia_level", "blocking_paranoia_level", "detection_paranoia_level"})
    policy->tx.emplace_back(name, level);
  policy->tx.emplace_back("inbound_anomaly_score_threshold", std::to_string(settings.inbound_threshold));
  policy->tx.emplace_back("outbound_anomaly_score_threshold", std::to_string(settings.outbound_threshold));
  policy->tx.insert(policy->tx.end(), settings.variables.begin(), settings.variables.end());
  for (const auto& each : settings.exclusions) {
    Exclusion exclusion;
    exclusion.control = TRY(make_exclusion(program, each.rule, each.field));
    if (!each.expires.empty()) exclusion.expires = TRY(end_of_day(each.expires));
    policy->exclusions.push_back(std::move(exclusion));
  }
  return std::shared_ptr<const Policy>(policy);
}

}  // namespace bulwark::waf
