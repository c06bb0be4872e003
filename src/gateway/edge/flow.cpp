// The request's half: who asks, whether they may, which route, its stages, its body.
#include "gateway/edge/flow.h"

#include <algorithm>
#include <utility>

#include "gateway/edge/forwarding.h"
#include "gateway/edge/handler_responder.h"
#include "gateway/edge/inputs.h"

namespace bulwark::gateway {
namespace {

/// A body that no stage asked for is still an input of the statements which the app will run for it: held back whole up to here.
constexpr std::uint64_t kInputBodyBytes = 1024 * 1024;

}  // namespace

Flow::Flow(Worker& worker) : worker_(worker), upstream_timer_(worker.reactor(), [this] { upstream_timed_out(); }) {}
Flow::~Flow() = default;

const Limits& Flow::limits() const { return exchange_.route != nullptr ? exchange_.route->limits : worker_.generation()->snapshot->limits; }

void Flow::recycle() {
  exchange_.reset();
  generation_.reset();
  own_fields_.clear();
  whole_request_ = {};
  whole_response_ = {};
  if (filtered_.capacity() > BlockPool::kBlockBytes) filtered_ = {};
  failure_message_.clear();
  responder_.reset();
}

void Flow::prepare(ClientSide& client, const Endpoint& peer) {
  ++id_;
  client_ = &client;
  peer_ = peer;
  generation_ = worker_.generation();
  step_ = Step::stages;
  waiting_ = request_complete_ = keep_whole_ = upstream_ready_ = resume_wanted_ = counted_ = false;
  response_complete_ = keep_whole_response_ = head_sent_ = head_flushed_ = tunnel_ = concluded_ = response_has_length_ = false;
  body_ = {};
  body_limit_ = 0;
  body_received_ = body_streamed_ = bytes_in_ = bytes_out_ = response_length_ = 0;
  attempts_ = rounds_ = 0;
  held_ = held_last_ = false;
  pool_ = nullptr;
  failure_rule_ = {};
  client_left_ = false;
  exchange_.started = worker_.reactor().now();
  exchange_.started_wall = worker_.reactor().wall();
  exchange_.client = peer;
  exchange_.make_resumer = [this] { return make_resumer(); };
}

void Flow::identify() {
  const auto& trusted = worker_.config().trusted_proxies;
  exchange_.client = client_address(trusted, peer_, exchange_.request.headers);
  exchange_.span = SpanId::random();
  const trace::InFlight* in_flight = worker_.dependencies().in_flight;
  const bool may_join = in_flight != nullptr && (peer_.address.is_loopback() || is_trusted(trusted, peer_.address));
  if (may_join) {
    const std::string_view parent = exchange_.request.headers.get(http::KnownField::traceparent);
    if (const TraceId named = trace_of(parent); !named.empty() && in_flight->find(named) != nullptr) {
      exchange_.trace = named;
      return;
    }
  }
  exchange_.trace = TraceId::random();
}

void Flow::begin(const RequestBody& body, std::size_t head_bytes) {
  body_ = body;
  bytes_in_ = head_bytes;
  request_complete_ = body.empty();
  WorkerCounters::add(worker_.counters().requests, 1);
  identify();
  if (refused_by_control()) return;
  exchange_.route = generation_->snapshot->routes.match(exchange_.request.authority, exchange_.request.path);
  if (exchange_.route == nullptr) return answer_problem(404, "edge.no_route", "There is nothing here.", "no route matches");
  run(Phase::request_head, 0);
}

void Flow::refuse(const http::Refusal& refusal, std::string_view raw) {
  WorkerCounters::add(worker_.counters().requests, 1);
  identify();
  if (const auto& observer = generation_->snapshot->refusals; observer && !raw.empty()) observer->refused(raw, exchange_);
  exchange_.add_finding({.stage = "edge",
                         .plane = events::Plane::edge,
                         .rule = std::string(refusal.rule),
                         .severity = events::Severity::medium,
                         .message = std::string(refusal.detail)});
  answer_problem(refusal.status, refusal.rule, refusal.detail, std::string(refusal.detail));
}

bool Flow::refused_by_control() {
  const control::Snapshot* control = worker_.control();
  if (control == nullptr) return false;
  const control::Entry* entry = control->refusal(exchange_.client.address, nullptr, exchange_.started_wall);
  if (entry == nullptr) return false;
  exchange_.deny({.status = 403, .stage = "control", .rule = "control.block", .reason = entry->reason});
  answer_denial();
  return true;
}

void Flow::run(Phase phase, std::size_t from) {
  step_ = Step::stages;
  phase_ = phase;
  if (const Pipeline* stages = pipeline(); stages != nullptr && stages->wants(phase)) {
    switch (stages->run(phase, exchange_, from, resume_at_)) {
      case Verdict::wait:
        waiting_ = true;
        if (upstream_) upstream_->pause();
        return;
      case Verdict::deny: return answer_denial();
      case Verdict::again: return go_again();
      case Verdict::pass: break;
    }
  }
  after(phase);
}

void Flow::after(Phase phase) {
  switch (phase) {
    case Phase::request_head: return after_request_head();
    case Phase::request_body: return dispatch();
    case Phase::response_head: return after_response_head();
    case Phase::response_body: return send_whole_response();
    case Phase::finished:
    case Phase::upstream_failed: return;
  }
}

/// Called from any thread, any time later: the mailbox and the id make it harmless when it comes too late.
std::function<void()> Flow::make_resumer() {
  return [this, id = id_, mailbox = worker_.mailbox()] { mailbox->post([this, id] { resume(id); }); };
}

void Flow::resume(std::uint64_t id) {
  if (id != id_) return;
  if (held_) return send_filtered({}, false, 0);
  if (!waiting_ || step_ != Step::stages) return;
  waiting_ = false;
  run(phase_, resume_at_);
}

void Flow::after_request_head() {
  const Route& route = *exchange_.route;
  if (!request_complete_) {
    std::size_t whole = exchange_.request_body_limit;
    if (route.handler) whole = whole == 0 ? route.handler->max_body_bytes() : std::min(whole, route.handler->max_body_bytes());
    const auto& needs = worker_.dependencies();
    const bool is_input = needs.in_flight != nullptr && needs.keep_inputs && body_.kind == http::BodyKind::length;
    if (whole == 0 && is_input && body_.length <= kInputBodyBytes) whole = kInputBodyBytes;
    keep_whole_ = whole != 0;
    body_limit_ = keep_whole_ ? std::min(whole, route.limits.max_body_bytes) : route.limits.max_body_bytes;
    if (body_.kind == http::BodyKind::length && body_.length > body_limit_)
      return answer_problem(413, "edge.body_too_large", "The content is too large.", "Content-Length exceeds the limit");
    if (keep_whole_) {
      step_ = Step::body;
      if (body_.expect_continue) client_->send_continue();
      return client_->resume_body();
    }
  }
  run(Phase::request_body, 0);
}

bool Flow::wants_body() {
  const bool no_use = step_ == Step::ended || (step_ == Step::response && !upstream_);  // answered already: it is thrown away
  if (no_use || step_ == Step::body) return true;
  if (upstream_ready_ && upstream_ && upstream_->unsent() < ClientSide::kHighWater) return true;
  resume_wanted_ = true;
  return false;
}

void Flow::take_body(std::string_view bytes, bool last) {
  if (step_ == Step::ended) return;
  bytes_in_ += bytes.size();
  if (step_ == Step::body) return keep_body(bytes, last);
  if (!upstream_) return;
  if (!tunnel_) return stream_body(bytes, last);
  upstream_->send_raw(bytes);
  arm_upstream(limits().idle_timeout);
}

void Flow::keep_body(std::string_view bytes, bool last) {
  if (whole_request_.size() + bytes.size() > body_limit_)
    return answer_problem(413, "edge.body_too_large", "The content is too large.", "the body exceeds the limit");
  if (whole_request_.empty() && body_.kind == http::BodyKind::length)
    whole_request_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(body_.length, BlockPool::kBlockBytes * 4)));
  whole_request_.append(bytes);
  if (!last) return;
  request_complete_ = true;
  exchange_.request.body = whole_request_;
  run(Phase::request_body, 0);
}

void Flow::stream_body(std::string_view bytes, bool last) {
  body_received_ += bytes.size();
  if (body_received_ > body_limit_) {
    if (head_sent_) return cut_off("edge.body_too_large", "the body exceeds the limit");
    return answer_problem(413, "edge.body_too_large", "The content is too large.", "the body exceeds the limit");
  }
  request_complete_ = last;
  body_streamed_ += bytes.size();
  if (exchange_.request_filters.empty()) return upstream_->send(bytes, chunked_upstream_, last);
  filter_and_send(bytes, last);
}

void Flow::filter_and_send(std::string_view bytes, bool last) {
  std::string filtered(bytes);
  for (auto& filter : exchange_.request_filters) {
    std::string out;
    if (auto fed = filter->feed(filtered, last, out); !fed.ok()) {
      if (head_sent_) return cut_off("edge.body_filter_failed", to_string(fed.error()));
      return answer_problem(502, "edge.body_filter_failed", "The request could not be passed on.", to_string(fed.error()));
    }
    filtered = std::move(out);
  }
  if (!filtered.empty() || last) upstream_->send(filtered, chunked_upstream_, last);
}

void Flow::body_refused(const http::Refusal& refusal) {
  exchange_.add_finding({.stage = "edge",
                         .plane = events::Plane::edge,
                         .rule = std::string(refusal.rule),
                         .severity = events::Severity::medium,
                         .message = std::string(refusal.detail)});
  if (head_sent_) return cut_off(refusal.rule, std::string(refusal.detail));
  answer_problem(refusal.status, refusal.rule, refusal.detail, std::string(refusal.detail));
}

void Flow::body_timed_out() {
  if (head_sent_) return cut_off("edge.body_timeout", "the request's body stopped");
  answer_problem(408, "edge.body_timeout", "The content did not arrive in time.", "the request's body stopped");
}

/// All request phases have passed: to the handler or upstream.
void Flow::dispatch() {
  enter_in_flight();
  if (exchange_.route->handler) return begin_handler();
  go_upstream(std::nullopt);
}

void Flow::enter_in_flight() {
  trace::InFlight* in_flight = worker_.dependencies().in_flight;
  if (in_flight == nullptr) return;
  auto context = std::make_shared<trace::Context>();
  context->trace = exchange_.trace;
  context->span = exchange_.span;
  context->principal = exchange_.principal;
  context->client = exchange_.client.address;
  context->route = exchange_.route->id;
  context->target.append(exchange_.request.method).append(" ").append(exchange_.request.path);
  context->started = exchange_.started;
  const bool keep_inputs = worker_.dependencies().keep_inputs;
  context->inputs_truncated = !keep_inputs || !request_complete_;  // a body that streams past is not compared with anything
  if (keep_inputs) collect_inputs(exchange_, *context);
  exchange_.in_flight = in_flight->enter(std::move(context));
}

void Flow::client_drained() {
  if (responder_) responder_->set_unsent(0);
  if (upstream_ && !waiting_ && !held_) upstream_->resume();
}

void Flow::client_ended() {
  if (upstream_) upstream_->shutdown_write();
}

void Flow::client_gone(std::string_view why) {
  if (step_ == Step::ended || client_ == nullptr) return;
  failure_rule_ = "edge.client_gone";
  failure_message_ = why;
  client_left_ = true;
  if (!head_sent_) exchange_.response.status = 499;  // as nginx records it; nobody receives it
  conclude();
  release_upstream(false);
  end();
}

void Flow::end() {
  upstream_timer_.cancel();
  exchange_.in_flight = {};
  step_ = Step::ended;
  ++id_;  // resumers and responders of this use find nobody
  if (responder_) responder_->detach();
  worker_.retire(*this);
  std::exchange(client_, nullptr)->exchange_ended();
}

}  // namespace bulwark::gateway
