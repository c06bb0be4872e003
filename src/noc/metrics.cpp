// Prometheus text.
#include "noc/metrics.h"

#include <fmt/format.h>

namespace bulwark::noc {
namespace {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
}

std::string rendered(const Labels& labels) {
  if (labels.empty()) return {};
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    if (out.size() > 1) out += ',';
    out += name;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
  }
  return out + "}";
}

}  // namespace

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Family& family =
      families_.try_emplace(std::string(name), Family{.help = std::string(help), .is_counter = true, .counters = {}, .gauges = {}})
          .first->second;
  const std::string key = rendered(labels);
  if (const auto known = family.counters.find(key); known != family.counters.end()) return *known->second;
  if (counters_.size() >= kMaxSeries) return overflow_;
  return *(family.counters[key] = &counters_.emplace_back());
}

void Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels, std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  Family& family =
      families_.try_emplace(std::string(name), Family{.help = std::string(help), .is_counter = false, .counters = {}, .gauges = {}})
          .first->second;
  if (family.gauges.size() < kMaxSeries) family.gauges[rendered(labels)] = std::move(read);
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " ";
    append_escaped(out, family.help, false);
    out += fmt::format("\n# TYPE {} {}\n", name, family.is_counter ? "counter" : "gauge");
    for (const auto& [labels, counter] : family.counters) out += fmt::format("{}{} {}\n", name, labels, counter->value());
    for (const auto& [labels, read] : family.gauges) out += fmt::format("{}{} {}\n", name, labels, read());
  }
  return out;
}

}  // namespace bulwark::noc
