// The response's half: upstream's, a handler's or our own, through its stages to the client.
#include <utility>

#include "gateway/edge/flow.h"
#include "gateway/edge/handler_responder.h"
#include "wire/json/writer.h"

namespace bulwark::gateway {

void append_problem(std::string& out, std::uint16_t status, std::string_view detail, const TraceId& request_id) {
  json::Writer writer(out);
  writer.begin_object().field("type", "about:blank").field("title", http::reason_phrase(status));
  writer.field("status", static_cast<unsigned>(status));
  if (!detail.empty()) writer.field("detail", detail);
  writer.field("request_id", request_id.hex()).end_object();
}

void Flow::after_response_head() {
  if (tunnel_) return start_tunnel();
  const bool has_body = response_kind_ != http::BodyKind::none && !(response_kind_ == http::BodyKind::length && response_length_ == 0);
  const std::size_t whole_limit = exchange_.response_body_limit;
  if ((whole_limit > 0 || exchange_.response_prefix_limit > 0) && has_body && !response_complete_) {
    if (whole_limit > 0 && response_kind_ == http::BodyKind::length && response_length_ > whole_limit)
      return answer_problem(502, "upstream.body_too_large", "The service gave an answer that is too large.",
                            "the response exceeds what a stage is ready to inspect");
    keep_whole_response_ = true;
    step_ = Step::response;
    if (upstream_) upstream_->resume();
    return;
  }
  run(Phase::response_body, 0);
}

/// After the body's phase: whole, or nothing of it yet when it streams.
void Flow::send_whole_response() {
  step_ = Step::response;
  const bool whole = keep_whole_response_ || exchange_.new_response_body || (responder_ && response_complete_);
  if (!whole) {
    send_head();
    if (response_complete_) return send_body({}, true);
    return send_begun();
  }
  const bool to_head = exchange_.request.method == "HEAD";
  std::string_view body = exchange_.response.body;
  if (exchange_.response_filters.empty()) {
    response_has_length_ = response_has_length_ || !to_head;
    if (!to_head) response_kind_ = http::BodyKind::length;
    if (!to_head) response_length_ = body.size();
  }
  send_head();
  if (response_complete_ || keep_whole_response_) return send_body(to_head ? std::string_view() : body, true);
  // A replaced body of a response that still comes: the rest is of no use.
  send_body(body, true);
}

/// What is here of a response that still comes; the rest follows as it comes. It stays until the end: stages hold views of it.
void Flow::send_begun() {
  const std::uint64_t id = id_;
  if (!whole_response_.empty()) send_body(response_kind_ == http::BodyKind::none ? std::string_view() : whole_response_, false);
  if (id != id_ || !upstream_) return;  // the client turned out to be gone, or all of it has come
  if (client_->unsent() <= ClientSide::kHighWater) upstream_->resume();
}

void Flow::send_head() {
  const bool filtered = !exchange_.response_filters.empty();  // of unknown length then, also for an answer to HEAD
  if (response_kind_ == http::BodyKind::until_close || (filtered && response_kind_ == http::BodyKind::length))
    response_kind_ = http::BodyKind::chunked;
  if (filtered || response_kind_ == http::BodyKind::chunked) response_has_length_ = false;
  const OutgoingHead head{exchange_.response.status,
                          &exchange_.response.headers.list,
                          &exchange_.response_edits,
                          &exchange_.trace,
                          response_kind_,
                          response_length_,
                          response_has_length_};
  head_sent_ = true;
  bytes_out_ += client_->send_head(head);
}

void Flow::send_body(std::string_view bytes, bool last) { send_filtered(bytes, last, 0); }

/// While a filter waits, its `last` is not that of those behind it, nor of the client.
void Flow::send_filtered(std::string_view bytes, bool last, std::size_t from) {
  std::string_view out = bytes;
  std::string fed_text;
  const bool whole = last || held_last_;  // all that the upstream has to say has come
  const bool held_before = std::exchange(held_, false);
  if (response_kind_ != http::BodyKind::none) {
    for (std::size_t i = from; i < exchange_.response_filters.size(); ++i) {
      BodyFilter& filter = *exchange_.response_filters[i];
      const bool waited = filter.waiting();
      std::string filtered;
      if (auto fed = filter.feed(out, last, filtered); !fed.ok()) return cut_off("edge.body_filter_failed", to_string(fed.error()));
      fed_text = std::move(filtered);
      out = fed_text;
      last = last || filter.done();
      if (filter.waiting()) {
        held_ = true;
        held_last_ = std::exchange(last, false) || held_last_;
      } else if (waited) {
        last = std::exchange(held_last_, false) || last;
      }
    }
  }
  bytes_out_ += out.size();
  if (last) conclude();
  if (out.empty() && !last && !held_ && !held_before) return;
  head_flushed_ = true;
  const std::uint64_t id = id_;
  client_->send_body(out, last);
  if (id != id_) return;  // the client turned out to be gone
  if (last) {
    release_upstream(whole);
    return end();
  }
  if (held_) {
    upstream_timer_.cancel();
    if (upstream_) upstream_->pause();
    return;
  }
  if (held_before) arm_upstream(limits().upstream_timeout);
  if (responder_) responder_->set_unsent(client_->unsent());
  if (!upstream_) return;
  // Paused by one part, a client that has caught up takes the next part whole: no drained() follows, nothing was left to drain.
  if (client_->unsent() > ClientSide::kHighWater) return upstream_->pause();
  upstream_->resume();
}

void Flow::start_tunnel() {
  step_ = Step::response;
  upstream_->become_tunnel();
  response_kind_ = http::BodyKind::none;
  send_head();
  conclude();
  head_flushed_ = true;
  arm_upstream(limits().idle_timeout);
  const std::uint64_t id = id_;
  client_->flush();
  if (id != id_) return;
  upstream_->resume();
  if (id == id_) client_->resume_body();
}

void Flow::take_own_fields(HeaderPairs fields) {
  own_fields_ = std::move(fields);
  auto& list = exchange_.response.headers.list;
  list.clear();
  for (const auto& [name, value] : own_fields_) {
    if (!http::is_token(name) || !http::is_field_value(value) || list.size() == Headers::kMax) continue;
    Header header{name, value};
    bool look_alike = false;
    header.known = http::known_field(name, look_alike);
    header.hop_by_hop = http::is_hop_by_hop(header.known);
    list.push_back(header);
  }
}

/// A whole answer of our own, past the response stages: a denial or a failure.
void Flow::answer(std::uint16_t status, HeaderPairs fields, std::string body) {
  waiting_ = false;
  step_ = Step::response;
  keep_whole_response_ = false;
  release_upstream(false);
  exchange_.response_filters.clear();
  exchange_.response.status = status;
  take_own_fields(std::move(fields));
  whole_response_ = std::move(body);
  exchange_.response.body = whole_response_;
  const bool to_head = exchange_.request.method == "HEAD";
  response_kind_ = to_head ? http::BodyKind::none : http::BodyKind::length;
  response_length_ = whole_response_.size();
  response_has_length_ = true;
  send_head();
  send_body(to_head ? std::string_view() : std::string_view(whole_response_), true);
}

void Flow::answer_denial() {
  const Denial& denial = *exchange_.denial();
  HeaderPairs fields(denial.headers.begin(), denial.headers.end());
  std::string body = denial.body;
  if (body.empty()) append_problem(body, denial.status, {}, exchange_.trace);
  fields.emplace_back("content-type",
                      denial.body.empty() || denial.content_type.empty() ? "application/problem+json" : denial.content_type);
  fields.emplace_back("cache-control", "no-store");
  WorkerCounters::add(worker_.counters().denied, 1);
  answer(denial.status, std::move(fields), std::move(body));
}

void Flow::answer_problem(std::uint16_t status, std::string_view rule, std::string_view detail, std::string message) {
  failure_rule_ = rule;
  failure_message_ = std::move(message);
  HeaderPairs fields{{"content-type", "application/problem+json"}, {"cache-control", "no-store"}};
  if (status == 405) fields.emplace_back("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  std::string body;
  append_problem(body, status, detail, exchange_.trace);
  if (status < 500) WorkerCounters::add(worker_.counters().denied, 1);
  answer(status, std::move(fields), std::move(body));
}

/// Part of the response is out already: all that can be said is that it is not whole.
void Flow::cut_off(std::string_view rule, std::string message) {
  failure_rule_ = rule;
  failure_message_ = std::move(message);
  conclude();
  release_upstream(false);
  client_->abort();
  end();
}

void Flow::begin_handler() {
  step_ = Step::handler;
  responder_ = std::make_shared<HandlerResponder>(worker_.mailbox(), *this, id_);
  arm_upstream(limits().upstream_timeout);
  exchange_.route->handler->handle(exchange_, responder_);
}

void Flow::handler_respond(std::uint16_t status, HeaderPairs fields, std::optional<std::string> body) {
  if (step_ != Step::handler) return;
  upstream_timer_.cancel();
  exchange_.response.status = status;
  take_own_fields(std::move(fields));
  const bool to_head = exchange_.request.method == "HEAD";
  const bool never = status == 204 || status == 304;
  if (body) {
    whole_response_ = std::move(*body);
    exchange_.response.body = whole_response_;
    response_length_ = whole_response_.size();
    response_has_length_ = !never;
    response_complete_ = true;
  }
  response_kind_ = to_head || never ? http::BodyKind::none : body ? http::BodyKind::length : http::BodyKind::chunked;
  run(Phase::response_head, 0);
}

void Flow::handler_write(std::string_view chunk, bool last) {
  if (step_ == Step::ended) return;
  if (step_ == Step::handler) {
    if (last) answer_problem(500, "edge.handler_silent", "The request could not be served.", "a handler ended without an answer");
    return;
  }
  if (!head_sent_) {  // a stage still waits, or nothing was begun
    whole_response_.append(chunk);
    response_complete_ = response_complete_ || last;
    return;
  }
  send_body(response_kind_ == http::BodyKind::none ? std::string_view() : chunk, last);
}

}  // namespace bulwark::gateway
