// Events as the planes make them, for tests and fuzz seeds: owns the text that the views need.
#pragma once

#include <deque>
#include <random>
#include <string>

#include "events/event.h"

namespace bulwark::events {

class Samples {
 public:
  explicit Samples(unsigned seed = 1) : random_(seed) {}

  /// An allowed request: what most events are.
  Event access(WallTime time) {
    Event event;
    event.time = time;
    event.event_class = Class::http_activity;
    event.activity = 3;
    event.disposition = Disposition::allowed;
    event.plane = Plane::edge;
    event.status = 200;
    event.source_port = static_cast<std::uint16_t>(1024 + random_() % 60000);
    event.source = IpAddress::parse("10.1." + std::to_string(random_() % 4) + "." + std::to_string(random_() % 50)).value();
    event.trace = TraceId::random();
    event.span = SpanId::random();
    event.duration_us = static_cast<std::uint32_t>(random_() % 20000);
    event.bytes_in = 300 + random_() % 300;
    event.bytes_out = 1000 + random_() % 3000;
    event.user = text("user-" + std::to_string(random_() % 40));
    event.tenant = text("tenant-" + std::to_string(random_() % 5));
    event.route = "shop";
    event.target = text("GET /api/products/" + std::to_string(random_() % 200));
    return event;
  }

  /// A blocked attack.
  Event attack(WallTime time) {
    static constexpr std::string_view kRules[] = {"942100", "941110", "930120", "932160"};
    Event event = access(time);
    event.disposition = Disposition::blocked;
    event.severity = Severity::high;
    event.plane = Plane::waf;
    event.status = 403;
    event.rule = kRules[random_() % 4];
    event.message = "SQL injection detected by libinjection in a query parameter";
    event.detail = text("{\"variable\":\"ARGS:q\",\"score\":" + std::to_string(random_() % 20) + ",\"paranoia_level\":1,\"phase\":2}");
    return event;
  }

  std::string_view text(std::string value) { return texts_.emplace_back(std::move(value)); }
  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
  std::deque<std::string> texts_;
};

inline bool same(const Event& a, const Event& b) {
  return a.time == b.time && a.event_class == b.event_class && a.activity == b.activity && a.severity == b.severity &&
         a.disposition == b.disposition && a.plane == b.plane && a.status == b.status && a.source_port == b.source_port &&
         a.source == b.source && a.trace == b.trace && a.span == b.span && a.duration_us == b.duration_us && a.bytes_in == b.bytes_in &&
         a.bytes_out == b.bytes_out && a.rows == b.rows && a.user == b.user && a.tenant == b.tenant && a.route == b.route &&
         a.rule == b.rule && a.target == b.target && a.message == b.message && a.detail == b.detail;
}

}  // namespace bulwark::events
