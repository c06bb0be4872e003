// What the SOC watches for and may do by itself: detectors' thresholds, playbooks, and whom it never acts on.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ip.h"
#include "config/schema.h"
#include "events/event.h"

namespace bulwark::soc {

struct RepeatedBlocksSettings {
  std::uint32_t count = 5;
  std::chrono::milliseconds window{10'000};
};
void describe(config::Object<RepeatedBlocksSettings>& o);

/// The least severity a playbook answers to.
enum class Severity : std::uint8_t { low, medium, high, critical };
config::EnumNames<Severity> enum_names(Severity);
bool reaches(events::Severity severity, Severity least);

/// One automatic answer: which alerts, which action, for how long.
struct Playbook {
  std::string name;
  std::string detector;  ///< "*": any
  Severity min_severity = Severity::high;
  std::string action = "block";
  std::chrono::seconds ttl{600};
};
void describe(config::Object<Playbook>& o);

struct Settings {
  RepeatedBlocksSettings repeated_blocks;
  std::vector<Playbook> playbooks{{.name = "block-repeat-attackers", .detector = "repeated_blocks"}};
  std::vector<IpPrefix> trusted;  ///< never acted on by playbooks
  bool block_loopback = false;
  std::chrono::seconds undo_grace{3600};      ///< after a person undid it, playbooks leave the subject alone this long
  std::chrono::seconds incident_quiet{3600};  ///< an alert after this much silence opens a new incident

  static constexpr std::size_t kMaxPlaybooks = 100;
  static constexpr std::size_t kMaxTrusted = 1000;
  /// Any part of it.
  bool is_trusted(const IpPrefix& subject) const;
};
void describe(config::Object<Settings>& o);

}  // namespace bulwark::soc
