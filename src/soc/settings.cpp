// The SOC's settings as people write them.
#include "soc/settings.h"

#include <algorithm>

namespace bulwark::soc {

void describe(config::Object<RepeatedBlocksSettings>& o) {
  o.field("count", &RepeatedBlocksSettings::count,
          {.help = "Blocked attacks from one source that raise an alert.", .example = "5", .min = 1, .max = 1000, .needs_restart = true})
      .field("window", &RepeatedBlocksSettings::window,
             {.help = "Within this time.", .example = "10s", .min = 100, .max = 3'600'000, .needs_restart = true});
}

config::EnumNames<Severity> enum_names(Severity) {
  return {{{"low", Severity::low}, {"medium", Severity::medium}, {"high", Severity::high}, {"critical", Severity::critical}}};
}

bool reaches(events::Severity severity, Severity least) {
  switch (least) {
    case Severity::low: return severity >= events::Severity::low;
    case Severity::medium: return severity >= events::Severity::medium;
    case Severity::high: return severity >= events::Severity::high;
    case Severity::critical: return severity >= events::Severity::critical;
  }
  return false;
}

void describe(config::Object<Playbook>& o) {
  o.field("name", &Playbook::name, {.help = "What people and entries call it.", .example = "block-repeat-attackers", .required = true})
      .field("detector", &Playbook::detector,
             {.help = "The detector whose alerts it answers, or \"*\".", .example = "repeated_blocks", .required = true})
      .field("min_severity", &Playbook::min_severity, {.help = "Less severe alerts are left to people."})
      .field("action", &Playbook::action,
             {.help = "What to do: \"block\" refuses the subject on every plane, \"none\" only alerts.", .example = "block"})
      .field("ttl", &Playbook::ttl, {.help = "For how long; it ends by itself.", .example = "10m", .min = 1000, .max = 366LL * 86'400'000});
}

void describe(config::Object<Settings>& o) {
  o.field("repeated_blocks", &Settings::repeated_blocks, {.help = "The detector of sources that attack again and again."})
      .field("playbooks", &Settings::playbooks,
             {.help = "Automatic answers to alerts, the first that fits; [] leaves everything to people.", .needs_restart = true})
      .field("trusted", &Settings::trusted,
             {.help = "Addresses and prefixes that playbooks never act on: health checks, offices, partners.",
              .example = "[10.0.0.0/8, 203.0.113.7]",
              .needs_restart = true})
      .field("block_loopback", &Settings::block_loopback,
             {.help = "Lets playbooks block 127.0.0.0/8 and ::1; for trying it out on one machine.", .needs_restart = true})
      .field("undo_grace", &Settings::undo_grace,
             {.help = "How long playbooks leave a subject alone after a person undid an action on it.",
              .example = "1h",
              .min = 0,
              .max = 30LL * 86'400'000,
              .needs_restart = true})
      .field("incident_quiet", &Settings::incident_quiet,
             {.help = "An alert after this much silence opens a new incident.",
              .example = "1h",
              .min = 1000,
              .max = 30LL * 86'400'000,
              .needs_restart = true})
      .check([](const Settings& settings) {
        if (settings.playbooks.size() > Settings::kMaxPlaybooks) return std::string("at most 100 playbooks");
        if (settings.trusted.size() > Settings::kMaxTrusted) return std::string("at most 1000 trusted addresses");
        return std::string();
      });
}

bool Settings::is_trusted(const IpPrefix& subject) const {
  const auto overlaps = [&](const IpPrefix& each) { return each.contains(subject.address) || subject.contains(each.address); };
  if (!block_loopback) {
    static const IpPrefix kLoopback[] = {IpPrefix::parse("127.0.0.0/8").value(), IpPrefix::parse("::1").value()};
    if (std::any_of(std::begin(kLoopback), std::end(kLoopback), overlaps)) return true;
  }
  return std::any_of(trusted.begin(), trusted.end(), overlaps);
}

}  // namespace bulwark::soc
