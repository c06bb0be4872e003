// What the configuration says about the WAF: rule sets for all, and per route how they are applied.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/schema.h"

namespace bulwark::waf {

enum class Mode : std::uint8_t { enforce, monitor, off };
config::EnumNames<Mode> enum_names(Mode);

/// Whose reading of rule files and requests to follow where ModSecurity's two generations differ (docs/operating/waf.md lists where).
enum class Reference : std::uint8_t { modsecurity2, modsecurity3 };
config::EnumNames<Reference> enum_names(Reference);

/// What becomes of a request that could not be inspected in full.
enum class Uninspected : std::uint8_t { deny, log };
config::EnumNames<Uninspected> enum_names(Uninspected);

/// Something that is not to be inspected, for a reason, until a date.
struct ExclusionSettings {
  std::string rule;   ///< "942100", "942100-942190", "tag:attack-sqli"
  std::string field;  ///< "ARGS:comment", "REQUEST_COOKIES:/^_ga/"; empty: the whole rule
  std::string reason;
  std::string expires;  ///< "2027-01-31": until the end of that day, UTC; empty: never
};

struct RuleSetSettings {
  std::vector<std::string> files;
};

/// How @rbl asks DNS blocklists.
struct BlocklistSettings {
  std::vector<std::string> servers;        ///< "127.0.0.1", "[::1]:5353"; empty: the system's
  std::chrono::milliseconds timeout{500};  ///< a server; then the list has not answered

  bool operator==(const BlocklistSettings&) const = default;
};

struct Settings {
  static constexpr const char* kDefaultRules = "/usr/share/modsecurity-crs/owasp-crs.load";
  std::vector<std::string> rules{kDefaultRules};  ///< of the rule set "default"; each may be a glob pattern
  std::map<std::string, RuleSetSettings> rule_sets;
  bool base_rules = true;
  bool nested_json = true;
  Reference reference = Reference::modsecurity2;
  std::string geo_database;
  BlocklistSettings blocklists;
  std::string cache_directory;
};

struct RouteSettings {
  Mode mode = Mode::enforce;
  std::string rule_set = "default";
  std::int64_t paranoia_level = 1;
  std::int64_t inbound_threshold = 5;
  std::int64_t outbound_threshold = 4;
  std::map<std::string, std::string> variables;  ///< of TX, set before phase 1
  config::ByteSize body_limit{10ULL * 1024 * 1024};
  bool inspect_responses = false;
  config::ByteSize response_limit{512ULL * 1024};
  bool decode_responses = true;
  Uninspected on_budget = Uninspected::deny;
  Uninspected on_encoded_body = Uninspected::deny;
  std::vector<ExclusionSettings> exclusions;
};

void describe(config::Object<ExclusionSettings>& object);
void describe(config::Object<RuleSetSettings>& object);
void describe(config::Object<BlocklistSettings>& object);
void describe(config::Object<Settings>& object);
void describe(config::Object<RouteSettings>& object);

}  // namespace bulwark::waf
