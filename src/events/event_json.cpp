// Events as JSON.
#include "events/event_json.h"

#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::events {
namespace {

void text_field(json::Writer& writer, std::string_view name, std::string_view value) {
  if (!value.empty()) writer.field(name, value);
}

void number_field(json::Writer& writer, std::string_view name, std::uint64_t value) {
  if (value != 0) writer.field(name, value);
}

}  // namespace

void append_json(json::Writer& writer, const StoredEvent& stored) {
  const Event& event = stored.event;
  writer.begin_object().field("id", std::to_string(stored.id)).field("time", to_rfc3339(event.time));
  writer.field("class", to_string(event.event_class)).field("severity", to_string(event.severity));
  writer.field("disposition", to_string(event.disposition)).field("plane", to_string(event.plane));
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
  if (!event.detail.empty()) {
    writer.key("detail");
    if (json::Document::parse(event.detail).ok())
      writer.raw(event.detail);
    else
      writer.value(event.detail);
  }
  writer.end_object();
}

}  // namespace bulwark::events
