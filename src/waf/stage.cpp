// The WAF in the request path: phases of the gateway to phases of the rules, matches to findings.
#include <atomic>
#include <optional>

#include "gateway/exchange.h"
#include "gateway/stage.h"
#include "waf/blocklists.h"
#include "waf/bodies/decompress.h"
#include "waf/engine/persistent.h"
#include "waf/report.h"
#include "waf/rule_set.h"
#include "waf/seclang/text.h"
#include "waf/stage.h"
#include "waf/transaction.h"

namespace bulwark::waf {
namespace {

using gateway::Exchange;
using gateway::Phase;
using gateway::Verdict;

constexpr const char* kEncodedBody = "waf.encoded_body";
constexpr std::size_t kMaxPooled = 64;  // transactions that a worker keeps for the next requests

/// Transactions are large and reusable; each worker keeps a few.
class Pool {
 public:
  std::unique_ptr<Transaction> take() {
    if (free_.empty()) return std::make_unique<Transaction>();
    auto transaction = std::move(free_.back());
    free_.pop_back();
    return transaction;
  }
  void give_back(std::unique_ptr<Transaction> transaction) {
    if (free_.size() < kMaxPooled) free_.push_back(std::move(transaction));
  }

 private:
  std::vector<std::unique_ptr<Transaction>> free_;
};

thread_local Pool t_pool;

struct State final : gateway::StageState {
  ~State() override {
    if (transaction) t_pool.give_back(std::move(transaction));
  }
  std::unique_ptr<Transaction> transaction;
  std::string unique_id;
  Coding coding = Coding::identity;  ///< of the response, undone before rules look
  std::string decoded;
  std::size_t reported = 0;
  bool asked = false;  ///< the blocklists, about the client
  bool denied = false;
};

std::string_view protocol_name(std::uint8_t version) {
  switch (version) {
    case 10: return "HTTP/1.0";
    case 20: return "HTTP/2.0";
    default: return "HTTP/1.1";
  }
}

/// It has a body under a coding other than identity (RFC 9110 §8.4).
bool is_encoded(const gateway::Request& request) {
  return !request.body.empty() && request.headers.has("content-encoding") &&
         !same_text(request.headers.get("content-encoding"), "identity");
}

class WafStage final : public gateway::Stage {
 public:
  WafStage(std::shared_ptr<const RuleSet> rule_set, std::shared_ptr<const Program> program, std::shared_ptr<const Policy> policy,
           const RouteSettings& settings, Observer observer)
      : rule_set_(std::move(rule_set)),
        program_(std::move(program)),
        policy_(std::move(policy)),
        settings_(settings),
        observer_(std::move(observer)) {
    info_.name = "waf";
    if (policy_->engine == Engine::off) return;
    info_.phases = bit(Phase::request_head) | bit(Phase::request_body) | bit(Phase::finished);
    if (settings_.inspect_responses) info_.phases |= bit(Phase::response_head) | bit(Phase::response_body);
  }

  const gateway::StageInfo& info() const override { return info_; }

  Result<Verdict> run(Phase phase, Exchange& exchange, std::size_t index) const override {
    State& state = exchange.state<State>(index);
    switch (phase) {
      case Phase::request_head: return request_head(exchange, state);
      case Phase::request_body: return request_body(exchange, state);
      case Phase::response_head: return response_head(exchange, state);
      case Phase::response_body: return response_body(exchange, state);
      case Phase::upstream_failed: return Verdict::pass;
      case Phase::finished: break;
    }
    if (state.transaction) {
      state.transaction->run_logging();
      report(exchange, state);
      if (observer_) observer_(*state.transaction);
    }
    return Verdict::pass;
  }

 private:
  /// What blocklists say of the client is asked before the rules run, which cannot wait. True: an answer is yet to come.
  bool ask_blocklists(Exchange& exchange) const {
    Blocklists* lists = rule_set_->blocklists();
    std::vector<std::string> names;
    for (const auto& zone : program_->blocklists)
      if (std::string name = Blocklists::name_of(exchange.client.address, zone); !lists->known(name)) names.push_back(std::move(name));
    if (names.empty()) return false;
    const auto left = std::make_shared<std::atomic<std::size_t>>(names.size());
    const auto done = [left, resume = exchange.resumer()] {
      if (left->fetch_sub(1) == 1) resume();
    };
    for (const auto& name : names) lists->ask(name, done);
    return true;
  }

  Verdict request_head(Exchange& exchange, State& state) const {
    if (!program_->blocklists.empty() && !std::exchange(state.asked, true) && ask_blocklists(exchange)) return Verdict::wait;
    state.transaction = t_pool.take();
    Transaction& transaction = *state.transaction;
    transaction.begin(program_, policy_, &rule_set_->store(), rule_set_->blocklists());
    state.unique_id = exchange.trace.hex();
    const auto& request = exchange.request;
    transaction.set_request({request.method, request.target, protocol_name(request.version), {}},
                            {exchange.client, {}, state.unique_id, exchange.principal.user});
    // HTTP/2 names the host in :authority; rules look for it in Host.
    if (!request.headers.has("host") && !request.authority.empty()) transaction.add_request_header("host", request.authority);
    for (const auto& header : request.headers.list) transaction.add_request_header(header.name, header.value);
    transaction.run_request_headers();
    if (const Verdict verdict = decide(exchange, state); verdict == Verdict::deny) return verdict;
    if (settings_.inspect_responses) exchange.upstream_edits.set("accept-encoding", "identity");  // what is compressed cannot be inspected
    exchange.want_request_body(settings_.body_limit.bytes);
    return Verdict::pass;
  }

  Verdict request_body(Exchange& exchange, State& state) const {
    if (!state.transaction) return Verdict::pass;  // began before a reload
    state.transaction->run_request_body(exchange.request.body);
    if (const Verdict verdict = decide(exchange, state); verdict == Verdict::deny || !is_encoded(exchange.request)) return verdict;
    return refuse_encoded(exchange, state);
  }

  /// No rule objected to a body that none could read. Nothing is unpacked here: what a few bytes become is for the app to bound.
  Verdict refuse_encoded(Exchange& exchange, State& state) const {
    gateway::Finding finding;
    finding.stage = "waf";
    finding.plane = events::Plane::waf;
    finding.rule = kEncodedBody;
    finding.severity = events::Severity::medium;
    finding.message = "the request body is encoded and was not inspected";
    exchange.add_finding(std::move(finding));
    if (settings_.on_encoded_body == Uninspected::log || state.transaction->engine() != Engine::on) return Verdict::pass;
    state.denied = true;
    return exchange.deny(
        {.status = 415, .stage = "waf", .rule = kEncodedBody, .reason = "the request body is encoded and cannot be inspected"});
  }

  Verdict response_head(Exchange& exchange, State& state) const {
    if (!state.transaction) return Verdict::pass;
    Transaction& transaction = *state.transaction;
    transaction.set_response(exchange.response.status, "HTTP/1.1");
    add_response_headers(exchange, state);
    transaction.run_response_headers();
    if (const Verdict verdict = decide(exchange, state); verdict == Verdict::deny) return verdict;
    if (transaction.wants_response_body()) exchange.want_response_prefix(settings_.response_limit.bytes);
    return Verdict::pass;
  }

  /// What will be decoded has no content coding for the rules: those that leave compressed responses alone shall look at this one.
  void add_response_headers(const Exchange& exchange, State& state) const {
    std::string_view field;
    std::size_t fields = 0;
    for (const auto& header : exchange.response.headers.list) {
      if (!same_text(header.name, "content-encoding")) {
        state.transaction->add_response_header(header.name, header.value);
        continue;
      }
      field = header.value;
      ++fields;
    }
    const auto coding = fields == 1 ? coding_from(field) : std::nullopt;
    if (settings_.decode_responses && coding && state.transaction->wants_response_body()) {
      state.coding = *coding;
      return;
    }
    for (const auto& header : exchange.response.headers.list)
      if (same_text(header.name, "content-encoding")) state.transaction->add_response_header(header.name, header.value);
  }

  Verdict response_body(Exchange& exchange, State& state) const {
    if (!state.transaction) return Verdict::pass;
    const std::size_t limit = settings_.response_limit.bytes;
    std::string_view body = exchange.response.body.substr(0, limit);
    bool longer = exchange.response.body.size() > limit;
    if (state.coding != Coding::identity && !body.empty()) {
      const Decoded how = decompress(state.coding, exchange.response.body, limit, state.decoded);
      if (how == Decoded::broken) exchange.add_finding(undecoded());
      longer = how != Decoded::whole;
      body = state.decoded;
    }
    state.transaction->run_response_body(body, longer);
    return decide(exchange, state);
  }

  static gateway::Finding undecoded() {
    return {.stage = "waf",
            .plane = events::Plane::waf,
            .rule = "waf.response_coding",
            .severity = events::Severity::medium,
            .message = "The response does not decode as its Content-Encoding says; the rules saw only a part of it"};
  }

  static void report(Exchange& exchange, State& state) {
    const auto& matches = state.transaction->matches();
    for (; state.reported < matches.size(); ++state.reported)
      exchange.add_finding(make_finding(matches[state.reported], anomaly_score(*state.transaction)));
  }

  Verdict decide(Exchange& exchange, State& state) const {
    report(exchange, state);
    const Intervention* intervention = state.transaction->intervention();
    if (intervention == nullptr || state.denied || !intervention->enforced) return Verdict::pass;
    state.denied = true;
    return exchange.deny(make_denial(*state.transaction));
  }

  gateway::StageInfo info_;
  std::shared_ptr<const RuleSet> rule_set_;
  std::shared_ptr<const Program> program_;
  std::shared_ptr<const Policy> policy_;
  RouteSettings settings_;
  Observer observer_;
};

}  // namespace

Result<std::shared_ptr<const gateway::Stage>> make_observed_stage(std::shared_ptr<const RuleSet> rule_set, const RouteSettings& settings,
                                                                  Observer observer) {
  auto program = rule_set->program(settings.rule_set);
  if (!program) return config_error("there is no WAF rule set '" + settings.rule_set + "'");
  auto policy = TRY(make_policy(*program, settings));
  return std::shared_ptr<const gateway::Stage>(
      std::make_shared<WafStage>(std::move(rule_set), std::move(program), std::move(policy), settings, std::move(observer)));
}

Result<std::shared_ptr<const gateway::Stage>> make_stage(std::shared_ptr<const RuleSet> rule_set, const RouteSettings& settings) {
  return make_observed_stage(std::move(rule_set), settings, nullptr);
}

}  // namespace bulwark::waf
