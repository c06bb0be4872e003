// Two YAML shapes, one table.
#include "waf/regression/overrides.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace bulwark::waf::regression {
namespace {

/// "920100-" of "920100-4".
std::string rule_part(const std::string& title) { return title.substr(0, title.find('-') + 1); }

std::vector<std::string> titles_of(const YAML::Node& entry) {
  if (entry["test"]) return {entry["test"].as<std::string>()};
  const auto rule = entry["rule_id"].as<std::string>();
  std::vector<std::string> titles;
  for (const auto& id : entry["test_ids"]) titles.push_back(rule + "-" + id.as<std::string>());
  if (titles.empty()) titles.push_back(rule + "-");
  return titles;
}

}  // namespace

Result<Overrides> Overrides::load(const std::string& path) {
  Overrides made;
  if (path.empty()) return made;
  try {
    const YAML::Node root = YAML::LoadFile(path);
    for (const auto& entry : root["overrides"] ? root["overrides"] : root["test_overrides"]) {
      if ((!entry["test"] && !entry["rule_id"]) || !entry["reason"])
        return config_error(fmt::format("{}:{}: each override names a test and a reason", path, entry.Mark().line + 1));
      Entry override{{}, expectation_of_text(YAML::Dump(entry["output"]))};
      for (const auto& step : entry["stage_ids"]) override.steps.insert(step.as<std::size_t>());
      if (const auto retry = entry["retry_once"]) override.output.retry_once = retry.as<bool>();
      for (const auto& title : titles_of(entry)) made.entries_[title].push_back(override);
    }
  } catch (const YAML::Exception& failure) {
    return config_error(fmt::format("{}:{}: {}", path, failure.mark.line + 1, failure.msg));
  }
  return made;
}

const Expectation* Overrides::find(const std::string& title, std::size_t step) const {
  for (const auto& key : {title, rule_part(title)})
    if (const auto found = entries_.find(key); found != entries_.end())
      for (const auto& entry : found->second)
        if (entry.steps.empty() || entry.steps.contains(step)) return &entry.output;
  return nullptr;
}

bool Overrides::mentions(const std::string& title) const { return entries_.contains(title) || entries_.contains(rule_part(title)); }

}  // namespace bulwark::waf::regression
