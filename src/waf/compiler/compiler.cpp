// The order of things: read directives in file order, then link what refers to each other, then share and filter.
#include "waf/compiler/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "waf/compiler/builder.h"
#include "waf/operators/geo.h"
#include "waf/seclang/text.h"
#include "waf/seclang/tokens.h"

namespace bulwark::waf {

using seclang::Position;

Builder::Builder(const seclang::Document& document, const CompileOptions& options) : document_(document), options_(options) {
  program_->settings.generation = options.generation;
  program_->inputs = document.inputs;
  program_->settings.nested_json = options.nested_json;
  program_->chains.emplace_back();
  shared_chains_.emplace(std::vector<Transform>{}, 0);
  for (const auto name : {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}) tx_slot(name);  // captures: slot = group
}

Error Builder::fail(const Position& at, std::string_view message) const { return error_at(document_.files[at.file], at, message); }

Result<std::shared_ptr<const Program>> Builder::build() {
  if (!options_.geo_database.empty()) geo_ = TRY(open_geo_database(options_.geo_database));
  for (const auto& directive : document_.directives) {
    const Position& at = directive.at;
    const bool is_rule = std::holds_alternative<seclang::Rule>(directive.what);
    if (open_chain_ > 0 && !is_rule) return fail(at, "the chain before this is not finished");
    Result<void> done;
    if (const auto* rule = std::get_if<seclang::Rule>(&directive.what))
      done = add_rule(*rule, at);
    else if (const auto* marker = std::get_if<seclang::Marker>(&directive.what))
      markers_.push_back({marker->name, drafts_.size()});
    else if (const auto* action = std::get_if<seclang::DefaultAction>(&directive.what))
      done = add_default(*action, at);
    else if (const auto* remove = std::get_if<seclang::RemoveRules>(&directive.what))
      done = remove_rules(*remove, at);
    else if (const auto* update = std::get_if<seclang::UpdateTargets>(&directive.what))
      done = update_targets(*update, at);
    else if (const auto* actions = std::get_if<seclang::UpdateActions>(&directive.what))
      done = update_actions(*actions, at);
    else
      done = apply_setting(std::get<seclang::Setting>(directive.what), at);
    if (!done) return done.error();
  }
  if (open_chain_ > 0) return fail(drafts_.back().at, "this rule's chain has no next rule");
  TRY(link());
  return std::shared_ptr<const Program>(program_);
}

Result<void> Builder::add_rule(const seclang::Rule& parsed, const Position& at) {
  DraftRule draft;
  draft.at = at;
  draft.rule.file = document_.files[at.file];
  draft.rule.line = at.line;
  draft.rule.unconditional = parsed.unconditional;
  draft.rule.chain_start = open_chain_ == 0;
  // Defaults depend on the phase, which may stand anywhere among the actions.
  for (const auto& action : parsed.actions)
    if (action.name == "phase") TRY(apply_action(action, draft));
  if (!draft.rule.chain_start) draft.rule.phase = drafts_[drafts_.size() - open_chain_].rule.phase;
  draft.transforms = default_transforms_[draft.rule.phase - 1];
  TRY(apply_actions(parsed.actions, at, draft));
  if (!draft.rule.chain_start) draft.rule.phase = drafts_[drafts_.size() - open_chain_].rule.phase;
  if (draft.rule.chain_start && draft.rule.id == 0) return fail(at, "the rule has no id");
  if (draft.rule.chain_start) {
    const auto [first, added] = ids_.try_emplace(draft.rule.id, at);
    if (!added)
      return fail(at, fmt::format("rule id {} is used twice, first in {}:{}", draft.rule.id, document_.files[first->second.file],
                                  first->second.line));
  }
  TRY(add_targets(parsed.variables, at, draft));
  if (!parsed.unconditional && draft.include.empty()) return fail(at, "the rule inspects nothing");
  TRY(finish_rule(draft, parsed.op, at));

  open_chain_ = draft.rule.chained ? open_chain_ + 1 : 0;
  if (open_chain_ > kMaxChain) return fail(at, "the chain is too long");
  drafts_.push_back(std::move(draft));
  removed_.push_back(false);
  return {};
}

Result<void> Builder::finish_rule(DraftRule& draft, const seclang::OperatorPart& op, const Position& at) {
  Rule& rule = draft.rule;
  const PhaseDefaults& defaults = program_->defaults[rule.phase - 1];
  if (!draft.log_given) rule.log = defaults.log;
  if (rule.disruptive == Disruptive::none || rule.disruptive == Disruptive::block) {
    rule.disruptive = defaults.disruptive;
    if (!draft.status_given) rule.status = defaults.status;
  }
  if (rule.status == 0) rule.status = 403;
  if (rule.unconditional) return {};
  rule.negated = op.negated;
  OperatorEnvironment environment;
  environment.directory = std::filesystem::path(rule.file).parent_path();
  environment.geo = geo_;
  environment.inputs = &program_->inputs;
  environment.rx_mode = options_.generation == Generation::third ? RxMode::dotall_multiline : RxMode::dotall_dollar_endonly;
  auto made = make_operator(op.name, op.argument, environment);
  if (!made) return fail(at, made.error().message);
  rule.op = std::move(*made);
  rule.locates = rule.op->name() == "geoLookup";
  if (rule.op->takes_macros()) rule.argument = TRY(make_macro(rule.op->argument(), at));
  return {};
}

Result<void> Builder::add_default(const seclang::DefaultAction& parsed, const Position& at) {
  DraftRule draft;
  TRY(apply_actions(parsed.actions, at, draft));
  if (!draft.phase_given) return fail(at, "SecDefaultAction needs a phase");
  PhaseDefaults& defaults = program_->defaults[draft.rule.phase - 1];
  if (draft.rule.disruptive == Disruptive::block) return fail(at, "SecDefaultAction cannot be block");
  defaults.disruptive = draft.rule.disruptive == Disruptive::none ? Disruptive::pass : draft.rule.disruptive;
  defaults.status = draft.status_given ? draft.rule.status : std::uint16_t{403};
  defaults.log = draft.rule.log;
  default_transforms_[draft.rule.phase - 1] = draft.transforms;
  return {};
}

Result<std::vector<std::size_t>> Builder::select(const seclang::RuleSelection& selection, const Position& at) const {
  std::shared_ptr<const Operator> pattern;
  if (const std::string& text = selection.tag.empty() ? selection.message : selection.tag; !text.empty()) {
    auto made = make_operator("rx", text, {});
    if (!made) return fail(at, made.error().message);
    pattern = std::move(*made);
  }
  const auto found = [&](std::string_view text) {
    MatchContext context;
    return pattern->match(text, context);
  };
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    const Rule& rule = drafts_[i].rule;
    bool selected = false;
    for (const auto& range : selection.ids) selected = selected || (rule.id >= range.first && rule.id <= range.last);
    if (!selection.tag.empty()) selected = selected || std::any_of(rule.tags.begin(), rule.tags.end(), found);
    if (!selection.message.empty()) selected = selected || found(rule.message.source);
    if (selected && (rule.id != 0 || !selection.tag.empty())) chosen.push_back(i);
  }
  return chosen;
}

Result<void> Builder::remove_rules(const seclang::RemoveRules& remove, const Position& at) {
  for (std::size_t i : TRY(select(remove.selection, at))) {
    while (!drafts_[i].rule.chain_start) --i;
    do removed_[i] = true;
    while (drafts_[i].rule.chained && ++i < drafts_.size());
  }
  return {};
}

Result<void> Builder::update_targets(const seclang::UpdateTargets& update, const Position& at) {
  for (const std::size_t i : TRY(select(update.selection, at))) {
    DraftRule& draft = drafts_[i];
    if (draft.rule.unconditional) continue;
    for (const auto& part : update.replaced) {
      const Target gone = TRY(make_target(part, at, draft));
      std::erase_if(part.exclusion ? draft.exclude : draft.include, [&](const Target& each) { return each.same_as(gone); });
    }
    TRY(add_targets(update.variables, at, draft));
    if (draft.include.empty()) return fail(at, fmt::format("rule {} inspects nothing any more", draft.rule.id));
  }
  return {};
}

Result<void> Builder::update_actions(const seclang::UpdateActions& update, const Position& at) {
  for (auto& draft : drafts_) {
    if (draft.rule.id != update.id) continue;
    const bool chained = draft.rule.chained;
    const std::uint8_t phase = draft.rule.phase;
    for (const auto& action : update.actions)
      if (action.name == "t") {
        draft.transforms.clear();  // the new list replaces the old one
        break;
      }
    TRY(apply_actions(update.actions, at, draft));
    if (draft.rule.id != update.id || draft.rule.chained != chained || draft.rule.phase != phase)
      return fail(at, "id, phase and chain of a rule cannot be changed");
    if (draft.rule.disruptive == Disruptive::block) draft.rule.disruptive = program_->defaults[phase - 1].disruptive;
  }
  return {};
}

std::uint32_t Builder::share_chain(const std::vector<Transform>& transforms) {
  const auto [at, added] = shared_chains_.try_emplace(transforms, static_cast<std::uint32_t>(program_->chains.size()));
  if (added) program_->chains.push_back(transforms);
  return at->second;
}

std::uint32_t Builder::share_lane(std::uint32_t source, const std::vector<Transform>& steps) {
  const auto share = [this](const Lane& lane) {
    const auto [at, added] = shared_lanes_.try_emplace(lane, static_cast<std::uint32_t>(program_->lanes.size()));
    if (added) program_->lanes.push_back(lane);
    return at->second;
  };
  std::uint32_t lane = share({source});
  for (const Transform step : steps) lane = share({source, lane, step});
  return lane;
}

namespace {

std::string key_of(const Target& target) {
  return fmt::format("{}:{}:{}:{}:{}|", static_cast<int>(target.variable), static_cast<int>(target.selector), target.count, target.xpath,
                     target.name);
}

}  // namespace

/// A count of values is taken from the same source as the values.
std::uint32_t Builder::share_source(const Target& target, const std::vector<Target>& exclude) {
  Source source{target, list_of(target.variable), {}};
  source.target.count = false;
  std::string key = key_of(source.target);
  for (const auto& each : exclude) {
    if (each.variable != target.variable) continue;
    source.exclude.push_back(each);
    key += '!' + key_of(each);
  }
  const auto [at, added] = shared_sources_.try_emplace(key, static_cast<std::uint32_t>(program_->sources.size()));
  if (added) program_->sources.push_back(std::move(source));
  return at->second;
}

std::uint32_t Builder::share_targets(TargetList list) {
  std::string key;
  for (const auto* part : {&list.include, &list.exclude}) {
    for (const auto& target : *part) key += key_of(target);
    key += '!';
  }
  const auto [at, added] = shared_targets_.try_emplace(key, static_cast<std::uint32_t>(program_->target_lists.size()));
  if (added) {
    for (auto& target : list.include) {
      const VariableKind kind = kind_of(target.variable);
      if (kind != VariableKind::D && kind != VariableKind::C) target.source = share_source(target, list.exclude);
    }
    const Target& only = list.include[0];
    if (list.include.size() == 1 && list.exclude.empty() && only.selector == Target::Selector::name) list.tx_slot = only.slot;
    list.immutable =
        std::all_of(list.include.begin(), list.include.end(), [](const Target& target) { return !target.count && target.source != kNone; });
    program_->target_lists.push_back(std::move(list));
  }
  return at->second;
}

/// What will be asked of every client, so that the answer is there when the rules run.
void Builder::note_blocklist(const DraftRule& draft) {
  program_->asks_blocklists = true;
  auto& zones = program_->blocklists;
  const std::string& zone = draft.rule.op->argument();
  const bool client =
      std::any_of(draft.include.begin(), draft.include.end(), [](const Target& each) { return each.variable == Variable::REMOTE_ADDR; });
  if (client && std::find(zones.begin(), zones.end(), zone) == zones.end()) zones.push_back(zone);
}

Result<void> Builder::link() {
  std::vector<std::size_t> kept(drafts_.size() + 1, 0);  // draft index → rules before it that stay
  for (std::size_t i = 0; i < drafts_.size(); ++i) kept[i + 1] = kept[i] + (removed_[i] ? 0 : 1);
  std::vector<DraftRule> staying;
  for (std::size_t i = 0; i < drafts_.size(); ++i)
    if (!removed_[i]) staying.push_back(std::move(drafts_[i]));
  drafts_ = std::move(staying);
  for (auto& marker : markers_) marker.before_rule = kept[marker.before_rule];

  for (std::uint32_t i = 0; i < drafts_.size(); ++i) {
    DraftRule& draft = drafts_[i];
    Rule& rule = draft.rule;
    if (rule.chain_start) program_->phases[rule.phase - 1].push_back(i);
    rule.sets = !rule.set.empty() || !rule.init.empty() || !rule.environment.empty();
    const bool decides = rule.disruptive != Disruptive::none && rule.disruptive != Disruptive::block && rule.disruptive != Disruptive::pass;
    rule.acts = !rule.controls.empty() || !rule.expire.empty() || (rule.chain_start && (rule.log || rule.severity != 255 || decides));
    if (rule.unconditional) continue;
    if (rule.op->name() == "rbl") note_blocklist(draft);
    rule.chain = share_chain(draft.transforms);
    rule.targets = share_targets({.include = std::move(draft.include), .exclude = std::move(draft.exclude)});
    if (const TargetList& list = program_->target_lists[rule.targets]; list.immutable)
      for (const Target& target : list.include) rule.lanes.push_back(share_lane(target.source, draft.transforms));
    const bool alone = rule.chain_start && !rule.chained && !rule.sets && !rule.acts;
    rule.steers = alone && program_->target_lists[rule.targets].tx_slot != kNone && draft.transforms.empty() && !rule.capture &&
                  !rule.locates && !rule.op->takes_macros() && rule.op->name() != "rbl";
  }
  TRY(resolve_controls());
  resolve_skips();
  for (auto& list : program_->target_lists)
    for (auto& target : list.include) resolve_slots(target);
  TRY(build_prefilter());
  for (auto& draft : drafts_) program_->rules.push_back(std::move(draft.rule));
  return {};
}

/// Of TX as a whole, or by a pattern: which of the names that rules mention are meant.
void Builder::resolve_slots(Target& target) const {
  if (target.variable != Variable::TX || target.selector == Target::Selector::name) return;
  for (std::uint32_t slot = 0; slot < program_->tx_names.size(); ++slot)
    if (target.selects(program_->tx_names[slot])) target.slots.push_back(slot);
}

Result<void> Builder::resolve_controls() {
  for (auto& draft : drafts_) {
    for (const auto& [index, selection] : draft.selections) {
      RuleBits& bits = draft.rule.controls[index].rules;
      bits.assign((drafts_.size() + 63) / 64, 0);
      for (const std::size_t chosen : TRY(select(selection, draft.at))) bits[chosen / 64] |= 1ULL << (chosen % 64);
    }
  }
  return {};
}

void Builder::resolve_skips() {
  for (std::uint32_t i = 0; i < drafts_.size(); ++i) {
    Rule& rule = drafts_[i].rule;
    if (rule.skip_after.empty()) continue;
    const auto& phase = program_->phases[rule.phase - 1];
    rule.skip_to = static_cast<std::uint32_t>(phase.size());  // a marker that never comes skips to the end
    for (const auto& marker : markers_) {
      if (marker.before_rule <= i || marker.name != rule.skip_after) continue;
      rule.skip_to = static_cast<std::uint32_t>(std::lower_bound(phase.begin(), phase.end(), marker.before_rule) - phase.begin());
      break;
    }
  }
}

Result<void> Builder::build_prefilter() {
  std::vector<Requirement> requirements;
  std::map<std::pair<std::string, std::string>, std::uint32_t> known;  // rules with the same operator share a bit
  for (auto& draft : drafts_) {
    Rule& rule = draft.rule;
    if (!rule.op || rule.op->takes_macros()) continue;
    const LiteralSource source = rule.op->literals();
    if (source.kind == LiteralSource::Kind::none) continue;
    const auto directory = std::filesystem::path(rule.file).parent_path().string();
    const auto [at, added] = known.try_emplace({std::string(rule.op->name()) + '\n' + directory, rule.op->argument()},
                                               static_cast<std::uint32_t>(requirements.size()));
    if (added) {
      Requirement requirement;
      if (source.kind == LiteralSource::Kind::pattern)
        requirement = requirement_of(source.pattern);
      else
        for (const auto& phrase : source.phrases) requirement.literals.push_back(lower(phrase));
      const auto& literals = requirement.literals;
      if (std::find(literals.begin(), literals.end(), "") != literals.end()) requirement = {};  // the empty phrase is in every value
      requirements.push_back(std::move(requirement));
    }
    rule.filter = at->second;
  }
  program_->prefilter = TRY(Prefilter::build(std::move(requirements), options_.cache_directory));
  return {};
}

Result<std::shared_ptr<const Program>> compile(const seclang::Document& document, const CompileOptions& options) {
  return Builder(document, options).build();
}

}  // namespace bulwark::waf
