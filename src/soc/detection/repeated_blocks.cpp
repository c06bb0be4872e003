// The detector repeated_blocks: for each source the times and traces of its last few blocked requests.
#include "soc/detection/repeated_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <list>
#include <unordered_map>

namespace bulwark::soc {
namespace {

constexpr std::size_t kMaxSources = 50'000;  ///< past it the source that was quiet longest is forgotten
constexpr std::size_t kMaxRules = 5;         ///< named in an alert

bool is_attack(const events::Event& event) {
  if (event.disposition != events::Disposition::blocked) return false;
  for (const std::string_view limit : {"control.", "limits.", "chat.budget.", "chat.model."})
    if (event.rule.starts_with(limit)) return false;
  return event.plane == events::Plane::waf || event.plane == events::Plane::api || event.plane == events::Plane::chat;
}

/// IPv6 hosts choose freely within their /64 (RFC 4291 §2.5.4): that is one source. IPv4 and loopback: each address.
IpPrefix source_of(const IpAddress& address) {
  if (address.is_v4() || address.is_loopback()) return {address, 128};
  IpPrefix network{address, 64};
  std::fill(network.address.bytes.begin() + 8, network.address.bytes.end(), std::uint8_t{0});
  return network;
}

class RepeatedBlocks final : public Detector {
 public:
  explicit RepeatedBlocks(const RepeatedBlocksSettings& settings)
      : settings_(settings), window_(std::chrono::nanoseconds(settings.window).count()) {}

  std::string_view name() const override { return "repeated_blocks"; }

  void on_event(const events::Event& event, AlertSink& sink) override {
    if (!is_attack(event)) return;
    const IpPrefix prefix = source_of(event.source);
    Source& source = touch(prefix.address);
    source.last_seen = std::max(source.last_seen, event.time);
    while (!source.blocks.empty() && source.blocks.front().time + window_ <= event.time) source.blocks.pop_front();
    const auto same = [&](const Block& each) { return !event.trace.empty() && each.trace == event.trace; };
    if (std::any_of(source.blocks.begin(), source.blocks.end(), same)) return;  // one request, several rules
    source.blocks.push_back({event.time, event.trace, std::string(event.rule.substr(0, kMaxRuleBytes))});
    if (source.blocks.size() < settings_.count) return;
    sink.raise(alert(prefix, source));
    source.blocks.clear();  // counts anew: the next alert means that the attack goes on
  }

  void on_tick(WallTime now, AlertSink&) override {
    while (!by_age_.empty() && by_age_.front().last_seen + window_ <= now) forget_oldest();
  }

 private:
  static constexpr std::size_t kMaxRuleBytes = 64;
  struct Block {
    WallTime time;
    TraceId trace;
    std::string rule;
  };
  struct Source {
    IpAddress address;
    WallTime last_seen = 0;
    std::deque<Block> blocks;  ///< at most settings_.count
  };

  /// The source's state, now the youngest.
  Source& touch(const IpAddress& address) {
    const auto found = sources_.find(address);
    if (found != sources_.end()) {
      by_age_.splice(by_age_.end(), by_age_, found->second);
    } else {
      if (sources_.size() >= kMaxSources) forget_oldest();
      sources_[address] = by_age_.insert(by_age_.end(), Source{.address = address});
    }
    return by_age_.back();
  }

  void forget_oldest() {
    sources_.erase(by_age_.front().address);
    by_age_.pop_front();
  }

  Alert alert(const IpPrefix& prefix, const Source& source) const {
    Alert made;
    made.id = Id<16>::random();
    made.time = source.blocks.back().time;
    made.detector = name();
    made.subject = control::Subject::ip;
    made.subject_value = prefix.bits == 128 ? prefix.address.text() : prefix.text();
    made.rule = fmt::format("{}:{}", name(), made.subject_value);
    made.severity = events::Severity::high;
    const double seconds = static_cast<double>(source.blocks.back().time - source.blocks.front().time) / 1e9;
    made.title = fmt::format("{} had {} attacks blocked within {:.1f} s", made.subject_value, source.blocks.size(), seconds);
    std::vector<std::string> rules;
    for (const Block& block : source.blocks) {
      if (made.evidence.size() < Alert::kMaxEvidence && !block.trace.empty()) made.evidence.push_back(block.trace);
      if (rules.size() < kMaxRules && !block.rule.empty() && std::find(rules.begin(), rules.end(), block.rule) == rules.end())
        rules.push_back(block.rule);
    }
    made.why = fmt::format("{} blocked requests within {} ms are the threshold; the last {} were refused by rule {}.", settings_.count,
                           settings_.window.count(), source.blocks.size(),
                           rules.empty() ? std::string("(none named)") : fmt::format("{}", fmt::join(rules, ", ")));
    return made;
  }

  RepeatedBlocksSettings settings_;
  WallTime window_;
  std::list<Source> by_age_;  ///< longest quiet first
  std::unordered_map<IpAddress, std::list<Source>::iterator> sources_;
};

}  // namespace

std::unique_ptr<Detector> make_repeated_blocks(const RepeatedBlocksSettings& settings) {
  return std::make_unique<RepeatedBlocks>(settings);
}

}  // namespace bulwark::soc
