// The words of the WAF's configuration.
#include "waf/settings.h"

namespace bulwark::waf {

config::EnumNames<Mode> enum_names(Mode) { return {{{"enforce", Mode::enforce}, {"monitor", Mode::monitor}, {"off", Mode::off}}}; }

config::EnumNames<Reference> enum_names(Reference) {
  return {{{"modsecurity2", Reference::modsecurity2}, {"modsecurity3", Reference::modsecurity3}}};
}

config::EnumNames<Uninspected> enum_names(Uninspected) { return {{{"deny", Uninspected::deny}, {"log", Uninspected::log}}}; }

void describe(config::Object<ExclusionSettings>& object) {
  object
      .field("rule", &ExclusionSettings::rule,
             {.help = "a rule id, a range of ids, or tag:<pattern>", .example = "942100", .required = true})
      .field(
          "field", &ExclusionSettings::field,
          {.help = "the variable that is not inspected by these rules; without it the rules do not run at all", .example = "ARGS:comment"})
      .field("reason", &ExclusionSettings::reason, {.help = "why; shown in reports", .example = "free text with SQL words"})
      .field("expires", &ExclusionSettings::expires, {.help = "the last day (UTC) on which it holds", .example = "2027-01-31"});
}

void describe(config::Object<RuleSetSettings>& object) {
  object.field("files", &RuleSetSettings::files,
               {.help = "SecLang files in order; glob patterns are allowed, and a folder of the Core Rule Set stands for all of it",
                .example = "/etc/bulwark/crs4",
                .required = true});
}

void describe(config::Object<BlocklistSettings>& object) {
  object
      .field("servers", &BlocklistSettings::servers,
             {.help = "name servers to ask, at most three; without them the system's", .example = "127.0.0.1:53"})
      .field("timeout", &BlocklistSettings::timeout,
             {.help = "how long a request waits for each server's answer; without one the rule does not match, and an event says so",
              .min = 10,
              .max = 10'000});
}

void describe(config::Object<Settings>& object) {
  object
      .field(
          "rules", &Settings::rules,
          {.help =
               "SecLang files of the rule set 'default', in order; glob patterns are allowed, and a folder of the Core Rule Set stands for all of it",
           .example = "/usr/share/modsecurity-crs/owasp-crs.load"})
      .field("rule_sets", &Settings::rule_sets, {.help = "further rule sets, by name, for routes that choose them"})
      .field("base_rules", &Settings::base_rules,
             {.help = "put Bulwark's own base rules first: body processors by content type, refusal of bodies that cannot be parsed"})
      .field("nested_json", &Settings::nested_json,
             {.help = "take apart JSON inside the strings of JSON bodies, so that rules see its values too"})
      .field(
          "reference", &Settings::reference,
          {.help =
               "whose reading to follow where the generations of ModSecurity differ: @rx flags (DOLLAR_ENDONLY or MULTILINE), backslashes in rule files, when REQUEST_BODY is filled"})
      .field("geo_database", &Settings::geo_database,
             {.help = "a MaxMind database for @geoLookup", .example = "/var/lib/GeoIP/GeoLite2-Country.mmdb"})
      .field("blocklists", &Settings::blocklists, {.help = "how @rbl asks DNS blocklists"})
      .field("cache_directory", &Settings::cache_directory,
             {.help = "keeps compiled rule databases, so that a start takes a moment instead of a second",
              .example = "/var/cache/bulwark/waf"});
}

void describe(config::Object<RouteSettings>& object) {
  object.field("mode", &RouteSettings::mode, {.help = "enforce blocks, monitor only records, off does not look"})
      .field("rule_set", &RouteSettings::rule_set, {.help = "which rule set inspects this route", .example = "default"})
      .field("paranoia_level", &RouteSettings::paranoia_level,
             {.help = "CRS paranoia level, unless the rule files set it themselves", .min = 1, .max = 4})
      .field("inbound_threshold", &RouteSettings::inbound_threshold,
             {.help = "anomaly score at which a request is blocked, unless the rule files set it", .min = 1, .max = 100'000})
      .field("outbound_threshold", &RouteSettings::outbound_threshold, {.help = "likewise for a response", .min = 1, .max = 100'000})
      .field("variables", &RouteSettings::variables,
             {.help = "TX variables set before phase 1, unless the rule files set them: the rule set's own settings for this route"})
      .field("body_limit", &RouteSettings::body_limit,
             {.help = "largest request body; a larger one is refused with 413", .example = "10MiB", .min = 1, .max = 1LL << 30})
      .field("inspect_responses", &RouteSettings::inspect_responses,
             {.help = "also inspect text responses (they are held back until whole)"})
      .field("response_limit", &RouteSettings::response_limit,
             {.help = "of longer responses this much is held back and inspected, the rest passes on as it comes",
              .example = "512KiB",
              .min = 1,
              .max = 1LL << 30})
      .field(
          "decode_responses", &RouteSettings::decode_responses,
          {.help = "undo gzip, deflate, zstd or br where an upstream compresses although it is asked not to, so that rules see the text"})
      .field("on_budget", &RouteSettings::on_budget, {.help = "what to do when a value takes a pattern longer than its budget"})
      .field("on_encoded_body", &RouteSettings::on_encoded_body,
             {.help = "what to do with a request body under a Content-Encoding, which rules cannot read"})
      .field("exclusions", &RouteSettings::exclusions, {.help = "what is not inspected here"});
}

}  // namespace bulwark::waf
