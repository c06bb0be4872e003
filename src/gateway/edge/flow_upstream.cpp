// The way upstream: choosing a server, sending the request, trying again where that is safe, and what comes back.
#include <algorithm>
#include <utility>

#include "gateway/edge/flow.h"
#include "gateway/edge/forwarding.h"
#include "gateway/upstream/pool.h"
#include "wire/http/refusals.h"

namespace bulwark::gateway {
namespace {

constexpr unsigned kMaxAttempts = 3;
constexpr unsigned kMaxRounds = 16;

/// RFC 9110 §9.2.2: safe to send again when nobody knows whether the server acted on it.
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE";
}

}  // namespace

void Flow::arm_upstream(std::chrono::milliseconds after) { upstream_timer_.arm(after); }

bool Flow::replayable() const { return attempts_ < kMaxAttempts && body_streamed_ == 0 && !head_sent_; }

void Flow::go_upstream(std::optional<std::size_t> avoid) {
  step_ = Step::upstream;
  const UpstreamSettings* const chosen = exchange_.upstream != nullptr ? exchange_.upstream : exchange_.route->upstream.get();
  const auto found = generation_->pools.find(chosen);
  CHECK(found != generation_->pools.end());
  pool_ = found->second.get();
  const auto server = pool_->choose(avoid);
  if (!server) {
    if (tried_elsewhere()) return;
    return answer_problem(503, "upstream.no_server", "The service is not available now.", "no server is up");
  }
  ++attempts_;
  server_ = *server;
  pool_->begin(server_);
  counted_ = true;
  // What failed once goes out on a new connection: of those that were idle, more may have died with the first.
  if (attempts_ == 1) upstream_ = pool_->take_idle(server_);
  while (upstream_ && !is_idempotent(exchange_.request.method) && !upstream_->still_open()) {
    worker_.retire(std::move(upstream_));
    upstream_ = pool_->take_idle(server_);
  }
  if (upstream_) {
    upstream_->attach(*this);
    return upstream_ready();
  }
  upstream_ = std::make_unique<UpstreamConnection>(found->second, server_);
  if (auto opened = upstream_->open(*this); !opened.ok()) {
    upstream_->detach();
    return upstream_failed({Failure::Kind::connect, true, {}, opened.error().message});
  }
  arm_upstream(pool_->settings().connect_timeout);
}

/// A stage wants another answer than the one that came, or than none. Only what is still whole here can be sent once more.
void Flow::go_again() {
  const bool whole = body_streamed_ == 0 && request_complete_ && !head_sent_;
  release_upstream(false);
  if (!whole || ++rounds_ > kMaxRounds)
    return answer_problem(502, "upstream.no_other", "The service cannot be reached.", "the request could not be sent once more");
  exchange_.response.status = 0;
  exchange_.response.headers.list.clear();
  exchange_.response.body = {};
  exchange_.response_filters.clear();
  exchange_.response_body_limit = exchange_.response_prefix_limit = 0;
  exchange_.new_response_body.reset();
  whole_response_.clear();
  keep_whole_response_ = response_complete_ = response_has_length_ = false;
  attempts_ = 0;
  go_upstream(std::nullopt);
}

/// Nobody answered: asks the stages whether they know somebody else.
bool Flow::tried_elsewhere() {
  const Pipeline* const stages = pipeline();
  if (stages == nullptr || head_sent_ || !request_complete_ || !stages->wants(Phase::upstream_failed)) return false;
  std::size_t unused = 0;
  const Verdict verdict = stages->run(Phase::upstream_failed, exchange_, 0, unused);
  if (verdict == Verdict::deny) answer_denial();
  if (verdict == Verdict::again) go_again();
  return verdict == Verdict::deny || verdict == Verdict::again;
}

void Flow::upstream_ready() {
  upstream_ready_ = true;
  arm_upstream(limits().upstream_timeout);
  write_request();
}

void Flow::write_request() {
  RequestFraming framing{body_.kind, body_.length};
  const bool filtered = !exchange_.request_filters.empty();
  std::string_view whole = exchange_.request.body;
  std::string rewritten;
  if (keep_whole_ || exchange_.new_request_body) {
    if (filtered) {
      for (auto& filter : exchange_.request_filters) {
        std::string out;
        if (auto fed = filter->feed(whole, true, out); !fed.ok())
          return answer_problem(502, "edge.body_filter_failed", "The request could not be passed on.", to_string(fed.error()));
        rewritten = std::move(out);
        whole = rewritten;
      }
      exchange_.request_filters.clear();
      exchange_.replace_request_body(std::string(whole));  // for a second attempt
      whole = exchange_.request.body;
    }
    framing = {http::BodyKind::length, whole.size()};
  } else if (streams_body() && filtered) {
    framing = {http::BodyKind::chunked, 0};
  }
  chunked_upstream_ = framing.kind == http::BodyKind::chunked;
  upstream_->expect_response(exchange_.request.method == "HEAD");
  write_request_head(*upstream_, exchange_, pool_->settings(), framing);
  if (!streams_body()) return upstream_->send(whole, false, true);
  if (body_.expect_continue) client_->send_continue();
  const std::uint64_t id = id_;
  resume_wanted_ = false;
  client_->resume_body();
  if (id != id_ || !upstream_) return;
  upstream_->flush();
  if (upstream_ && upstream_->unsent() == 0) upstream_drained();  // what was held back meanwhile: no readiness follows
}

void Flow::upstream_head(http::ResponseHead& head) {
  arm_upstream(limits().upstream_timeout);
  pool_->succeeded(server_);
  if (head.websocket && !exchange_.request.websocket)
    return upstream_failed({Failure::Kind::malformed, false, http::refusals::kSwitch, {}});
  exchange_.response.status = head.status;
  std::swap(exchange_.response.headers.list, head.fields);
  response_kind_ = head.body;
  response_length_ = head.content_length;
  response_has_length_ = head.has_content_length;
  tunnel_ = head.websocket;
  run(Phase::response_head, 0);
}

void Flow::upstream_body(std::string_view bytes, bool last) {
  if (!last) arm_upstream(tunnel_ ? limits().idle_timeout : limits().upstream_timeout);
  response_complete_ = last;
  if (waiting_) return;  // paused: only the end of a response without a body gets here
  if (!keep_whole_response_) return send_body(bytes, last);
  const bool only_prefix = exchange_.response_body_limit == 0;
  const std::size_t limit = only_prefix ? exchange_.response_prefix_limit : exchange_.response_body_limit;
  const bool longer = whole_response_.size() + bytes.size() > limit;
  if (longer && !only_prefix)
    return answer_problem(502, "upstream.body_too_large", "The service gave an answer that is too large.",
                          "the response exceeds what a stage is ready to inspect");
  whole_response_.append(bytes);
  if (!last && !longer) return;
  keep_whole_response_ = last;
  exchange_.response.body = whole_response_;
  run(Phase::response_body, 0);
}

void Flow::upstream_continue() { arm_upstream(limits().upstream_timeout); }

void Flow::upstream_quiet() {
  if (!head_sent_ || head_flushed_) return;
  head_flushed_ = true;
  client_->flush();
}

void Flow::upstream_drained() {
  if (!std::exchange(resume_wanted_, false)) return;
  if (!tunnel_) arm_upstream(limits().upstream_timeout);
  client_->resume_body();
}

void Flow::upstream_timed_out() {
  if (step_ == Step::handler)
    return answer_problem(504, "edge.handler_timeout", "The request could not be served in time.", "a handler took too long");
  if (!upstream_) return;
  if (!upstream_ready_) return upstream_failed({Failure::Kind::connect, true, {}, "connecting took too long"});
  // The client is slow, not the server: its own timeouts apply.
  if (!request_complete_ && !head_sent_ && upstream_->unsent() == 0 && streams_body()) return arm_upstream(limits().upstream_timeout);
  if (head_sent_ && client_->unsent() > 0) return arm_upstream(limits().upstream_timeout);
  upstream_failed({Failure::Kind::timeout, !head_sent_, {}, "the server took too long"});
}

/// Puts the connection back if it can carry another request, else closes it.
void Flow::release_upstream(bool healthy) {
  upstream_timer_.cancel();
  upstream_ready_ = false;
  if (std::exchange(counted_, false)) pool_->end(server_);
  if (!upstream_) return;
  upstream_->detach();
  if (healthy && upstream_->reusable()) {
    pool_->put_idle(std::move(upstream_));
  } else {
    worker_.retire(std::move(upstream_));
  }
}

void Flow::upstream_failed(const Failure& failure) {
  const bool unanswered = failure.kind == Failure::Kind::closed && failure.before_any_byte;
  const bool stale = unanswered && upstream_ && upstream_->reused();
  if (!stale) pool_->failed(server_);
  const std::size_t server = server_;
  release_upstream(false);
  if (tunnel_ && head_sent_) {
    client_->abort();
    return end();
  }
  // A connection that could not be made carried nothing; one that ended without an answer may have carried something, and if
  // that is what ended it, it must not go round all servers.
  const bool first_or_stale = stale || attempts_ == 1;
  const bool again = failure.kind == Failure::Kind::connect || (unanswered && first_or_stale && is_idempotent(exchange_.request.method));
  if (again && replayable()) return go_upstream(server);
  WorkerCounters::add(worker_.counters().upstream_errors, 1);
  if (head_sent_) return cut_off("upstream.response_cut", failure.message);
  if (tried_elsewhere()) return;
  switch (failure.kind) {
    case Failure::Kind::connect: return answer_problem(502, "upstream.connect_failed", "The service cannot be reached.", failure.message);
    case Failure::Kind::timeout: return answer_problem(504, "upstream.timeout", "The service did not answer in time.", failure.message);
    case Failure::Kind::closed: return answer_problem(502, "upstream.closed_early", "The service broke off.", failure.message);
    case Failure::Kind::malformed: break;
  }
  exchange_.add_finding({.stage = "edge",
                         .plane = events::Plane::edge,
                         .rule = "upstream." + std::string(failure.refusal.rule),
                         .severity = events::Severity::high,
                         .message = "A response was refused: " + std::string(failure.refusal.detail)});
  answer_problem(502, "upstream.response_malformed", "The service gave a malformed answer.", std::string(failure.refusal.detail));
}

}  // namespace bulwark::gateway
