#include "console/event_json.h"

#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::console {
namespace {

void text_field(json::Writer& writer, std::string_view name, std::string_view value) {
  if (!value.empty()) writer.field(name, value);
}

void number_field(json::Writer& writer, std::string_view name, std::uint64_t value) {
  if (value != 0) writer.field(name, value);
}

void append_detail(json::Writer& writer, std::string_view detail) {
  if (detail.empty()) return;
  writer.key("detail");
  if (json::Document::parse(detail).ok())
    writer.raw(detail);
  else
    writer.value(detail);
}

}  // namespace

void append_event(json::Writer& writer, const events::Event& event, events::EventId id, Detail detail) {
  writer.begin_object();
  if (id != 0) writer.field("id", std::to_string(id));  // as text: JavaScript's numbers end at 2^53
  writer.field("time", event.time / 1'000'000)
      .field("class", events::to_string(event.event_class))
      .field("severity", events::to_string(event.severity))
      .field("disposition", events::to_string(event.disposition))
      .field("plane", events::to_string(event.plane));
  number_field(writer, "activity", event.activity);
  number_field(writer, "status", event.status);
  if (event.source != IpAddress{}) writer.field("source", event.source.text());
  number_field(writer, "source_port", event.source_port);
  if (!event.trace.empty()) writer.field("trace", event.trace.hex());
  if (!event.span.empty()) writer.field("span", event.span.hex());
  number_field(writer, "duration_us", event.duration_us);
  number_field(writer, "bytes_in", event.bytes_in);
  number_field(writer, "bytes_out", event.bytes_out);
  number_field(writer, "rows", event.rows);
  text_field(writer, "user", event.user);
  text_field(writer, "tenant", event.tenant);
  text_field(writer, "route", event.route);
  text_field(writer, "rule", event.rule);
  text_field(writer, "target", event.target);
  text_field(writer, "message", event.message);
  if (detail == Detail::include) append_detail(writer, event.detail);
  writer.end_object();
}

}  // namespace bulwark::console
