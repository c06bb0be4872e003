// The compiler's working state, shared by the files that turn one kind of thing each: targets, macros, actions, updates.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "waf/compiler/compiler.h"

namespace bulwark::waf {

/// A rule before its references to other rules are resolved.
struct DraftRule {
  Rule rule;
  std::vector<Target> include;
  std::vector<Target> exclude;
  std::vector<Transform> transforms;
  std::vector<std::pair<std::string, std::string>> namespaces;  ///< (prefix, URI) of xmlns, for XPaths
  seclang::Position at;
  std::vector<std::pair<std::size_t, seclang::RuleSelection>> selections;  ///< (index into rule.controls, whom it means)
  bool phase_given = false;
  bool log_given = false;
  bool status_given = false;
};

class Builder {
 public:
  Builder(const seclang::Document& document, const CompileOptions& options);
  Result<std::shared_ptr<const Program>> build();

 private:
  // targets.cpp
  Result<Target> make_target(const seclang::VariablePart& part, const seclang::Position& at, const DraftRule& draft);
  Result<void> add_targets(const std::vector<seclang::VariablePart>& parts, const seclang::Position& at, DraftRule& draft);
  std::uint32_t tx_slot(std::string_view name);
  Result<Macro> make_macro(std::string_view text, const seclang::Position& at);

  // actions.cpp
  Result<void> apply_actions(const std::vector<seclang::ActionPart>& actions, const seclang::Position& at, DraftRule& draft);
  Result<void> apply_action(const seclang::ActionPart& action, DraftRule& draft);
  Result<bool> apply_metadata(const seclang::ActionPart& action, DraftRule& draft);
  Result<bool> apply_disruptive(const seclang::ActionPart& action, Rule& rule);
  Result<void> add_set(std::string_view value, const seclang::Position& at, Rule& rule);
  Result<void> add_expire(std::string_view value, const seclang::Position& at, Rule& rule);
  Result<void> add_init(std::string_view value, const seclang::Position& at, Rule& rule);
  Result<void> add_control(std::string_view value, const seclang::Position& at, DraftRule& draft);

  // directives.cpp
  Result<std::shared_ptr<const GeoDatabase>> open_geo_database(const std::string& path);
  Result<XmlArguments> xml_arguments(std::string_view value, const seclang::Position& at) const;
  Result<void> apply_setting(const seclang::Setting& setting, const seclang::Position& at);

  // compiler.cpp
  Result<void> add_rule(const seclang::Rule& parsed, const seclang::Position& at);
  Result<void> finish_rule(DraftRule& draft, const seclang::OperatorPart& op, const seclang::Position& at);
  Result<void> add_default(const seclang::DefaultAction& parsed, const seclang::Position& at);
  Result<void> remove_rules(const seclang::RemoveRules& remove, const seclang::Position& at);
  Result<void> update_targets(const seclang::UpdateTargets& update, const seclang::Position& at);
  Result<void> update_actions(const seclang::UpdateActions& update, const seclang::Position& at);
  Result<std::vector<std::size_t>> select(const seclang::RuleSelection& selection, const seclang::Position& at) const;
  Result<void> link();
  Result<void> resolve_controls();
  Result<void> build_prefilter();
  void resolve_skips();
  void note_blocklist(const DraftRule& draft);
  void resolve_slots(Target& target) const;
  std::uint32_t share_targets(TargetList list);
  std::uint32_t share_source(const Target& target, const std::vector<Target>& exclude);
  std::uint32_t share_chain(const std::vector<Transform>& transforms);
  std::uint32_t share_lane(std::uint32_t source, const std::vector<Transform>& steps);
  Error fail(const seclang::Position& at, std::string_view message) const;

  struct MarkerAt {
    std::string name;
    std::size_t before_rule;  ///< index of the draft it stands in front of
  };

  const seclang::Document& document_;
  CompileOptions options_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
  std::vector<DraftRule> drafts_;
  std::vector<bool> removed_;
  std::vector<MarkerAt> markers_;
  std::unordered_map<std::uint64_t, seclang::Position> ids_;
  std::map<std::string, std::uint32_t> shared_targets_;
  std::map<std::vector<Transform>, std::uint32_t> shared_chains_;
  std::map<std::string, std::uint32_t> shared_sources_;
  std::map<Lane, std::uint32_t> shared_lanes_;
  std::map<std::string, std::uint32_t> xpaths_;
  std::shared_ptr<const GeoDatabase> geo_;
  std::array<std::vector<Transform>, kPhases> default_transforms_;
  std::size_t open_chain_ = 0;  ///< rules of the chain that is being read; 0: none
};

}  // namespace bulwark::waf
