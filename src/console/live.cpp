#include "console/live.h"

#include <utility>

#include "console/event_json.h"
#include "wire/json/writer.h"

namespace bulwark::console {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

bool worth_a_look(const events::Event& event) {
  return event.disposition == events::Disposition::blocked || event.disposition == events::Disposition::error ||
         event.disposition == events::Disposition::alert || event.severity >= events::Severity::medium;
}

void append_list(std::string& out, const auto& events) {
  out += '[';
  for (std::size_t i = 0; i < events.size(); ++i) out.append(i == 0 ? "" : ",").append(events[i]);
  out += ']';
}

}  // namespace

void Live::on_event(const events::Event& event) {
  const auto plane = static_cast<std::size_t>(event.plane);
  const std::lock_guard lock(mutex_);
  if (plane < kPlanes) ++current_.planes[plane][outcome_of(event)];
  if (event.event_class == events::Class::http_activity && event.plane == events::Plane::edge) latencies_.add(event.duration_us);
  if (event.event_class == events::Class::incident_finding) incidents_changed_ = true;
  if (event.plane == events::Plane::console && event.event_class == events::Class::http_activity) return;  // the page itself
  std::size_t& taken = worth_a_look(event) ? notable_ : ordinary_;
  if (taken >= (worth_a_look(event) ? kNotablePerSecond : kOrdinaryPerSecond)) return;
  ++taken;
  std::string text;
  json::Writer writer(text);
  append_event(writer, event, 0, Detail::leave_out);
  events_.push_back(std::move(text));
}

void Live::on_tick(WallTime now) {
  const std::int64_t second = now / kSecond;
  const std::lock_guard lock(mutex_);
  if (current_.at == 0) current_.at = second;
  if (second <= current_.at) return;
  finish_second(second);
}

bool Live::add(std::shared_ptr<gateway::Responder> responder, gateway::HeaderPairs headers, std::function<bool()> alive) {
  const std::lock_guard lock(mutex_);
  if (streams_.size() >= kMaxStreams) return false;
  headers.emplace_back("content-type", "text/event-stream");
  responder->begin(200, std::move(headers));
  responder->write(history_message());
  streams_.push_back({std::move(responder), std::move(alive)});
  return true;
}

/// What happens to bare connections is no request: a client that distrusts our certificate is not the app failing.
Live::Outcome Live::outcome_of(const events::Event& event) {
  if (event.event_class == events::Class::network_activity) return other;
  switch (event.disposition) {
    case events::Disposition::allowed: return allowed;
    case events::Disposition::blocked: return blocked;
    case events::Disposition::error: return failed;
    default: return other;
  }
}

/// Closes the current second and the empty ones up to `now`, which a busy or paused process may have skipped.
void Live::finish_second(std::int64_t now) {
  current_.latency_us = {latencies_.quantile(0.5), latencies_.quantile(0.95), latencies_.quantile(0.99)};
  for (const auto& event : events_) keep(event);
  if (!streams_.empty()) push(second_message());
  history_.push_back(current_);
  const std::int64_t first_missing = std::max(current_.at + 1, now - static_cast<std::int64_t>(kHistorySeconds));
  for (std::int64_t at = first_missing; at < now; ++at) {
    history_.push_back({});
    history_.back().at = at;
  }
  while (history_.size() > kHistorySeconds) history_.pop_front();
  current_ = {};
  current_.at = now;
  latencies_.clear();
  events_.clear();
  notable_ = ordinary_ = 0;
}

void Live::keep(std::string event) {
  recent_.push_back(std::move(event));
  if (recent_.size() > kRecentEvents) recent_.pop_front();
}

void Live::append_second(json::Writer& writer, const Second& second) {
  writer.field("at", second.at).key("planes").begin_array();
  for (const auto& plane : second.planes) {
    writer.begin_array();
    for (const auto count : plane) writer.value(count);
    writer.end_array();
  }
  writer.end_array().key("latency_us").begin_array();
  for (const auto each : second.latency_us) writer.value(each);
  writer.end_array();
}

void Live::append_totals(json::Writer& writer) {
  if (sources_.gateway) {
    const auto counters = sources_.gateway();
    writer.key("gateway")
        .begin_object()
        .field("connections", counters.connections)
        .field("requests", counters.requests)
        .field("denied", counters.denied)
        .field("upstream_errors", counters.upstream_errors)
        .field("bytes_in", counters.bytes_in)
        .field("bytes_out", counters.bytes_out)
        .field("open_connections", counters.open_connections)
        .end_object();
  }
  if (sources_.entries_in_force) writer.field("entries", static_cast<std::uint64_t>(sources_.entries_in_force()));
  if (sources_.open_incidents) {
    if (std::exchange(incidents_changed_, false)) open_incidents_ = sources_.open_incidents();
    writer.field("incidents", static_cast<std::uint64_t>(open_incidents_));
  }
}

std::string Live::second_message() {
  std::string list;
  append_list(list, events_);
  std::string out = "event: second\ndata: ";
  json::Writer writer(out);
  writer.begin_object();
  append_second(writer, current_);
  append_totals(writer);
  writer.key("events").raw(list).end_object();
  return out + "\n\n";
}

std::string Live::history_message() {
  std::string list;
  append_list(list, recent_);
  std::string out = "event: history\ndata: ";
  json::Writer writer(out);
  writer.begin_object().key("plane_names").begin_array();
  for (std::size_t plane = 0; plane < kPlanes; ++plane) writer.value(events::to_string(static_cast<events::Plane>(plane)));
  writer.end_array().key("seconds").begin_array();
  for (const auto& second : history_) {
    writer.begin_object();
    append_second(writer, second);
    writer.end_object();
  }
  writer.end_array();
  append_totals(writer);
  writer.key("events").raw(list).end_object();
  return out + "\n\n";
}

void Live::push(const std::string& message) {
  std::erase_if(streams_, [&](Stream& stream) {
    const bool goes_on = stream.alive() && stream.responder->write(message);
    if (!goes_on) stream.responder->end();
    return !goes_on;
  });
}

}  // namespace bulwark::console
