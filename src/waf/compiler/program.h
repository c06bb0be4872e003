// A rule set as the engine runs it: rules by phase in order, with everything that can be known beforehand resolved to numbers.
// Immutable once compiled and shared by all workers.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "waf/bodies/xml.h"
#include "waf/compiler/variable.h"
#include "waf/operators/operator.h"
#include "waf/prefilter/prefilter.h"
#include "waf/seclang/inputs.h"
#include "waf/transforms/transform.h"

namespace bulwark::waf {

constexpr std::size_t kPhases = 5;
constexpr std::uint32_t kNone = 0xffffffff;

/// Which values of a variable a rule looks at.
struct Target {
  enum class Selector : std::uint8_t { none, name, regex, xpath };
  Variable variable = Variable::ARGS;
  Selector selector = Selector::none;
  bool count = false;
  std::string name;                       ///< selector text
  std::uint32_t slot = kNone;             ///< of a TX name
  std::uint32_t xpath = kNone;            ///< index into Program::xpaths
  std::uint32_t source = kNone;           ///< index into Program::sources; kNone: asked anew whenever a rule looks at it
  std::shared_ptr<const Operator> regex;  ///< of selector `regex`
  std::vector<std::uint32_t> slots;       ///< TX names known beforehand that `regex` selects

  bool selects(std::string_view item_name) const;  ///< by name, any case, or by regex
  bool same_as(const Target& other) const;         ///< written alike
};

/// Values that only change between phases: gathered once, for all rules whose lists name them.
struct Source {
  Target target;
  Variable list = Variable::ARGS;  ///< whose changes make it new
  std::vector<Target> exclude;     ///< of the same variable
};

struct TargetList {
  std::vector<Target> include;
  std::vector<Target> exclude;
  std::uint32_t tx_slot = kNone;  ///< it is this one TX variable, or whether that is set, and nothing else
  bool immutable = false;         ///< all of it has sources, and none is a count
};

/// Text with %{...} in it.
class Macro {
 public:
  struct Part {
    std::string text;  ///< when `variable` is false
    bool variable = false;
    Target target;
  };
  std::vector<Part> parts;
  std::string source;
  bool constant() const { return constant_; }
  void set_constant(bool constant) { constant_ = constant; }

 private:
  bool constant_ = true;
};

struct SetVariable {
  enum class Operation : std::uint8_t { set, add, subtract, unset };
  Variable collection = Variable::TX;
  Operation operation = Operation::set;
  std::uint32_t slot = kNone;  ///< TX with a constant name
  Macro name;
  Macro value;
};

struct ExpireVariable {
  Variable collection = Variable::IP;
  Macro name;
  Macro seconds;
};

struct SetEnvironment {
  Macro name;
  Macro value;
};

struct InitCollection {
  Variable collection = Variable::IP;
  Macro key;
};

using RuleBits = std::vector<std::uint64_t>;  ///< one bit per index into Program::rules

/// Whether XML bodies become arguments: not at all, beside what XML selects, or instead of it.
enum class XmlArguments : std::uint8_t { off, on, only };

struct Control {
  enum class Kind : std::uint8_t {
    rule_engine,
    remove_rules,
    remove_targets,
    body_processor,
    force_body,
    request_body_access,
    response_body_access,
    xml_arguments,
    no_effect
  };
  Kind kind = Kind::no_effect;
  std::string value;
  XmlArguments xml = XmlArguments::off;
  RuleBits rules;
  Target target;
};

/// Whose reading applies where ModSecurity 2 and 3 differ.
enum class Generation : std::uint8_t { second, third };

enum class Engine : std::uint8_t { off, detect, on };
enum class Disruptive : std::uint8_t { none, block, deny, drop, pass, allow, allow_phase, allow_request, redirect };

struct Rule {
  std::uint64_t id = 0;
  std::uint8_t phase = 2;  ///< 1 to 5
  bool unconditional = false;
  bool negated = false;
  bool capture = false;
  bool multi_match = false;
  bool locates = false;  ///< @geoLookup
  bool log = true;
  bool chained = false;  ///< rule index + 1 must match as well
  bool chain_start = true;
  std::uint8_t severity = 255;  ///< 0 emergency … 7 debug; 255: none given
  Disruptive disruptive = Disruptive::none;
  std::uint16_t status = 0;
  std::uint32_t targets = kNone;  ///< index into Program::target_lists
  std::uint32_t chain = 0;        ///< index into Program::chains
  std::uint32_t filter = kNone;   ///< index of the operator in the prefilter
  std::uint32_t skip = 0;
  std::uint32_t skip_to = kNone;     ///< position in the phase's list; kNone: none
  bool sets = false;                 ///< a match writes variables
  bool acts = false;                 ///< a match does something else that outlives the rule
  bool steers = false;               ///< compares one TX variable, and a match only says where the phase goes on
  std::vector<std::uint32_t> lanes;  ///< indices into Program::lanes; empty: its values are asked for anew
  std::shared_ptr<const Operator> op;
  Macro argument;  ///< of an operator that takes macros

  std::vector<SetVariable> set;
  std::vector<ExpireVariable> expire;
  std::vector<InitCollection> init;
  std::vector<SetEnvironment> environment;
  std::vector<Control> controls;
  Macro message;
  Macro log_data;
  Macro redirect;
  Macro session_id;
  Macro user_id;
  std::vector<std::string> tags;
  std::string version;
  std::string skip_after;
  std::string file;
  std::uint32_t line = 0;
};

/// The values of one source after some transformations, one step on from another lane: gathered, transformed and scanned once for
/// all rules whose chains begin alike.
struct Lane {
  std::uint32_t source = 0;      ///< index into Program::sources
  std::uint32_t parent = kNone;  ///< index into Program::lanes; kNone: the values as they came
  Transform step = Transform::none;
  auto operator<=>(const Lane&) const = default;
};

struct PhaseDefaults {
  Disruptive disruptive = Disruptive::pass;
  std::uint16_t status = 403;
  bool log = true;
};

/// What the files' "Name value" directives set.
struct ProgramSettings {
  Generation generation = Generation::second;
  Engine engine = Engine::on;
  bool request_body_access = true;
  bool response_body_access = false;
  char argument_separator = '&';
  std::size_t arguments_limit = 1000;
  std::size_t json_depth_limit = 512;
  std::size_t upload_file_limit = 100;
  std::size_t request_body_limit = 0;  ///< SecRequestBodyLimit; 0: the route's alone
  std::size_t no_files_limit = 0;      ///< SecRequestBodyNoFilesLimit
  std::size_t response_body_limit = 0;
  bool nested_json = true;
  XmlArguments xml_arguments = XmlArguments::off;  ///< SecParseXmlIntoArgs
  bool reject_long_request = true;                 ///< SecRequestBodyLimitAction; else the rules see the beginning
  bool reject_long_response = false;
  std::uint32_t match_limit = kDefaultMatchLimit;
  std::vector<std::string> response_mime_types{"text/plain", "text/html", "text/xml"};
  std::string web_app_id = "default";
  std::string geo_database;
  std::uint32_t collection_timeout_s = 3600;
  std::vector<std::string> component_signatures;
  std::shared_ptr<const UnicodeMap> unicode_map;  ///< for t:urlDecodeUni; null: the low byte
};

struct Program {
  std::vector<Rule> rules;
  std::array<std::vector<std::uint32_t>, kPhases> phases;  ///< chain starters, as indices into `rules`
  std::vector<Source> sources;
  std::vector<TargetList> target_lists;
  std::vector<std::vector<Transform>> chains;  ///< [0] is the empty one
  std::vector<Lane> lanes;
  std::vector<std::shared_ptr<const XmlPath>> xpaths;
  std::unordered_map<std::string, std::uint32_t> tx_slots;  ///< lower-case names
  std::vector<std::string> tx_names;                        ///< by slot
  std::array<bool, kVariableCount> mentioned{};             ///< by any rule or macro: others need not be filled
  std::array<PhaseDefaults, kPhases> defaults;
  ProgramSettings settings;
  std::shared_ptr<const Prefilter> prefilter;
  std::vector<std::string> blocklists;  ///< zones that @rbl asks about the client
  bool asks_blocklists = false;         ///< any @rbl
  seclang::Inputs inputs;

  bool inspects_response_body() const { return !phases[3].empty(); }
};

}  // namespace bulwark::waf
