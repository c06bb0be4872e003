// Reading what happened: search, everything of one trace, how many a minute, and the live stream.
#include <map>

#include "console/event_json.h"
#include "console/event_query.h"
#include "console/response_headers.h"
#include "console/router.h"
#include "console/services.h"
#include "wire/json/writer.h"

namespace bulwark::console {
namespace {

constexpr std::size_t kMaxOfOneTrace = 500;
constexpr WallTime kMaxMinutesRange = 24 * 3'600'000'000'000LL;

Reply no_store() { return problem(503, "no_store", "No event store is configured, so there is nothing to search."); }

std::string list_of(const std::vector<events::StoredEvent>& found, Detail detail, bool newest_first) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("events").begin_array();
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& each = found[newest_first ? i : found.size() - 1 - i];
    append_event(writer, each.event, each.id, detail);
  }
  writer.end_array().end_object();
  return body;
}

Reply search(events::Store* store, const Call& call) {
  if (store == nullptr) return no_store();
  const auto query = event_query(Parameters(call.query));
  if (!query.ok()) return problem(query.error());
  const auto found = store->query(*query);
  if (!found.ok()) return problem(found.error());
  return json_reply(list_of(*found, Detail::include, true));
}

/// Oldest first: how one request went, from the edge to the database.
Reply trace(events::Store* store, const Call& call) {
  if (store == nullptr) return no_store();
  events::Query query;
  query.trace = TraceId::from_hex(call.rest);
  if (!query.trace) return problem(400, "trace", "A trace id has 32 hex digits.");
  query.limit = kMaxOfOneTrace;
  const auto found = store->query(query);
  if (!found.ok()) return problem(found.error());
  return json_reply(list_of(*found, Detail::include, false));
}

/// Events a minute, blocked and all, over at most a day: [[minute in ms, all, blocked], …]. Heeds plane, disposition and rule;
/// other conditions need the events themselves.
Reply minutes(events::Store* store, const Call& call) {
  if (store == nullptr) return no_store();
  const Parameters parameters(call.query);
  const auto query = event_query(parameters);
  if (!query.ok()) return problem(query.error());
  if (query->to - query->from > kMaxMinutesRange) return problem(400, "range", "At most a day at a time.");
  const auto cells = store->minutes(query->from, query->to, query->rule);
  if (!cells.ok()) return problem(cells.error());
  std::map<WallTime, std::pair<std::uint64_t, std::uint64_t>> sums;
  for (const auto& cell : *cells) {
    if (query->plane.value_or(cell.plane) != cell.plane) continue;
    if (query->disposition.value_or(cell.disposition) != cell.disposition) continue;
    auto& [all, blocked] = sums[cell.minute];
    all += cell.count;
    if (cell.disposition == events::Disposition::blocked) blocked += cell.count;
  }
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("minutes").begin_array();
  for (const auto& [minute, counts] : sums)
    writer.begin_array().value(minute / 1'000'000).value(counts.first).value(counts.second).end_array();
  writer.end_array().end_object();
  return json_reply(std::move(body));
}

Reply stream(Services& services, Call& call) {
  const auto alive = [&sessions = services.sessions, id = call.session->id] { return sessions.alive(id); };
  if (!services.live.add(call.responder, secured({{"cache-control", "no-store"}}), alive))
    return problem(503, "streams", "Too many live pages are open. Close one and reload.");
  return {.streaming = true};
}

}  // namespace

void add_event_routes(Router& router, Services& services) {
  // What happened before somebody asks is found: who has just been refused and looks, or follows an alert of this second.
  const auto store_now = [store = services.store, bus = services.bus] {
    if (store != nullptr && bus != nullptr) bus->flush();
    return store;
  };
  router.add({"GET", "/api/events", Access::viewer, Lane::reads, [store_now](Call& call) { return search(store_now(), call); }});
  router.add({"GET", "/api/traces/*", Access::viewer, Lane::reads, [store_now](Call& call) { return trace(store_now(), call); }});
  router.add({"GET", "/api/minutes", Access::viewer, Lane::reads, [store = services.store](Call& call) { return minutes(store, call); }});
  router.add({"GET", "/api/live", Access::viewer, Lane::reads, [&services](Call& call) { return stream(services, call); }});
}

}  // namespace bulwark::console
