// The request is read once, judged, written anew; the reply is restored by a filter that fits its type.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "chat/chat_stage.h"
#include "chat/findings.h"
#include "chat/input/attachment.h"
#include "chat/input/screen.h"
#include "chat/output/canary_token.h"
#include "chat/pii/redactor.h"
#include "chat/protocols/masking.h"
#include "chat/protocols/recording.h"
#include "chat/protocols/refusal.h"
#include "chat/protocols/request.h"
#include "chat/protocols/restoring.h"
#include "chat/refusals.h"
#include "gateway/route.h"

namespace bulwark::chat {

namespace {

using gateway::Exchange;
using gateway::Phase;
using gateway::Verdict;

constexpr std::size_t kMaxJudged = 256 * 1024;       // bytes of a request that are looked at for attacks, the latest first
constexpr std::size_t kMaxReply = 64 * 1024 * 1024;  // of a reply that is not a stream

/// What one exchange carries from request to reply.
struct Turn final : gateway::StageState {
  std::optional<json::Document> request;
  Conversation conversation;  // points into the request
  std::shared_ptr<pii::Pseudonyms> pseudonyms;
  std::string canary;
  SharedWatch watch;
  bool has_part() const { return !pseudonyms->index().empty() || !watch->idle() || meter != nullptr; }

  routing::Chain chain;   ///< of models to ask; empty: the route's upstream, whatever the model
  std::size_t asked = 0;  ///< the one of them that is asked now
  std::string masked;     ///< what they are told, but for the name
  std::optional<budgets::Reservation> reserved;
  std::shared_ptr<budgets::Meter> meter;
  bool answered = false;  ///< a model took the request

  std::string_view said;  ///< the body as the client sent it
  bool sent = false;      ///< it went on to a model
  std::shared_ptr<std::string> answer;
};

bool media_type_is(std::string_view value, std::string_view wanted) {
  value = value.substr(0, value.find(';'));
  while (value.ends_with(' ')) value.remove_suffix(1);
  return gateway::same_header(value, wanted);
}

bool has_body(const gateway::Request& request) { return request.method == "POST" || request.method == "PUT" || request.method == "PATCH"; }

pii::Policy policy_from(const PiiSettings& settings, std::shared_ptr<const pii::TaggerModel> tagger) {
  pii::Policy policy;
  policy.tagger = std::move(tagger);
  policy.modes = {settings.email,   settings.card, settings.iban, settings.phone,  settings.ip,           settings.secret,
                  settings.account, settings.ssn,  settings.url,  settings.person, settings.organisation, settings.location,
                  settings.address, settings.date, settings.age,  settings.group};
  for (std::string value : settings.allow) {
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    policy.allowed.push_back(std::move(value));
  }
  std::sort(policy.allowed.begin(), policy.allowed.end());
  return policy;
}

/// Whoever only watches the user's turns wants no refusal for them on another ground.
Mode no_stricter(Mode mode, Mode than) { return than == Mode::off || mode == Mode::off ? Mode::off : mode == Mode::block ? than : mode; }

/// How this route judges attacks.
struct Attacks {
  std::vector<std::string> allowed;
  injection::Thresholds thresholds;
  injection::Thresholds usual;

  /// How far this route's threshold lies above the usual one, that scores of all routes can be compared.
  float above_usual(bool data) const { return data ? thresholds.document - usual.document : thresholds.turn - usual.turn; }

  /// `text` without what is allowed in it, which `buffer` then holds.
  std::string_view without_allowed(std::string_view text, std::string& buffer) const {
    for (const std::string& each : allowed) {
      std::size_t at = text.find(each);
      if (at == std::string_view::npos) continue;
      std::string rest;
      for (; at != std::string_view::npos; at = text.find(each)) {
        rest.append(text.substr(0, at)).push_back('\n');
        text.remove_prefix(at + each.size());
      }
      buffer = rest.append(text);
      text = buffer;
    }
    return text;
  }
};

class ChatStage final : public gateway::Stage {
 public:
  ChatStage(RouteSettings settings, tools::Policy tools, routing::Router router, Shared shared)
      : settings_(std::move(settings)),
        policy_(policy_from(settings_.pii, shared.tagger)),
        attacks_{settings_.injection.allow, shared.detector->thresholds(settings_.injection.thresholds), shared.detector->thresholds({})},
        tools_(std::move(tools)),
        router_(std::move(router)),
        shared_(std::move(shared)) {
    info_ = {"chat",
             static_cast<std::uint8_t>(bit(Phase::request_head) | bit(Phase::request_body) | bit(Phase::response_head) |
                                       bit(Phase::response_body) | bit(Phase::finished) | bit(Phase::upstream_failed)),
             settings_.on_error == Failure::open ? gateway::OnError::fail_open : gateway::OnError::fail_closed};
  }

  const gateway::StageInfo& info() const override { return info_; }

  Result<Verdict> run(Phase phase, Exchange& exchange, std::size_t index) const override {
    Turn& turn = exchange.state<Turn>(index);
    switch (phase) {
      case Phase::request_head: return request_head(exchange);
      case Phase::request_body: return request_body(exchange, turn);
      case Phase::response_head: return response_head(exchange, turn);
      case Phase::response_body: return response_body(exchange, turn);
      case Phase::upstream_failed: return ask_another(exchange, turn, true) ? Verdict::again : Verdict::pass;
      case Phase::finished: finished(exchange, turn); break;
    }
    return Verdict::pass;
  }

 private:
  Verdict request_head(Exchange& exchange) const {
    const gateway::Request& request = exchange.request;
    credentials(exchange, settings_.api_key.value, settings_.pass_client_credentials);
    exchange.upstream_edits.set("accept-encoding", "identity");  // what cannot be read cannot be restored
    if (!has_body(request)) return Verdict::pass;
    const bool encoded =
        request.headers.has("content-encoding") && !gateway::same_header(request.headers.get("content-encoding"), "identity");
    if (encoded || !media_type_is(request.headers.get("content-type"), "application/json"))
      return refuse_bad(exchange, client_error(Code::unsupported, "this route takes application/json without content encoding"));
    // The edge would refuse it too, but not in the words that the clients' own errors are made of.
    std::size_t length = 0;
    const std::string_view said = request.headers.get("content-length");
    std::from_chars(said.data(), said.data() + said.size(), length);
    if (length > settings_.limits.max_body.bytes)
      return refuse_bad(exchange, client_error(Code::too_large, "the request is larger than the limit allows"));
    exchange.want_request_body(settings_.limits.max_body.bytes);
    return Verdict::pass;
  }

  static void credentials(Exchange& exchange, const std::string& key, bool pass_clients_own) {
    if (pass_clients_own) return;
    for (const std::string_view name : {"authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"})
      exchange.upstream_edits.remove(name);
    if (key.empty()) return;
    if (dialect_of(exchange.request.path) == Dialect::anthropic)
      exchange.upstream_edits.set("x-api-key", key);
    else
      exchange.upstream_edits.set("authorization", "Bearer " + key);
  }

  Result<Verdict> request_body(Exchange& exchange, Turn& turn) const {
    if (!has_body(exchange.request)) return Verdict::pass;
    turn.said = exchange.request.body;
    auto document = json::Document::parse(exchange.request.body, {.max_bytes = settings_.limits.max_body.bytes,
                                                                  .max_depth = static_cast<std::size_t>(settings_.limits.max_depth)});
    if (!document.ok()) return refuse_or_fail(exchange, document.error());
    turn.request = *std::move(document);
    auto conversation = read_conversation(*turn.request, settings_.limits);
    if (!conversation.ok()) return refuse_or_fail(exchange, conversation.error());
    turn.conversation = *std::move(conversation);
    if (!router_.idle()) {
      turn.chain = router_.chain(turn.conversation.model, exchange.principal);
      if (turn.chain.empty()) return refuse_model(exchange);
    }
    register_inputs(exchange, turn.conversation);
    if (attachments(exchange, turn) == Verdict::deny) return Verdict::deny;
    if (judge(exchange, turn.conversation) == Verdict::deny) return Verdict::deny;
    if (TRY(mask(exchange, turn)) == Verdict::deny) return Verdict::deny;
    if (!turn.chain.empty()) {
      turn.masked = exchange.request.body;
      TRY(address(exchange, turn));
    }
    if (reserve(exchange, turn) == Verdict::deny) return Verdict::deny;
    turn.sent = true;
    return Verdict::pass;
  }

  /// Sends the request to the model whose turn it is. A key goes to its own upstream only.
  Result<void> address(Exchange& exchange, Turn& turn) const {
    const routing::Model& model = *turn.chain[turn.asked];
    exchange.upstream = model.upstream.get();
    const bool own = model.upstream == nullptr;
    const std::string& key = model.settings.api_key.value;
    credentials(exchange, key.empty() && own ? settings_.api_key.value : key, own && key.empty() && settings_.pass_client_credentials);
    const std::string_view name = model.name(turn.conversation.model);
    if (turn.asked > 0 || name != turn.conversation.model) exchange.replace_request_body(TRY(routing::with_model(turn.masked, name)));
    return {};
  }

  /// True: another model, or the same once more, is to be asked.
  bool ask_another(Exchange& exchange, Turn& turn, bool same_may_help) const {
    std::size_t next = turn.asked + 1;
    while (!same_may_help && next < turn.chain.size() && turn.chain[next] == turn.chain[turn.asked]) ++next;
    if (next >= turn.chain.size()) return false;
    const std::uint16_t status = exchange.response.status;
    const bool other = turn.chain[next] != turn.chain[turn.asked];
    turn.asked = next;
    if (const auto addressed = address(exchange, turn); !addressed.ok()) return false;
    const std::string& name = turn.chain[next]->settings.name;
    exchange.add_finding(fallback_finding(name, status, other));
    exchange.response_edits.set("x-bulwark-model", name);
    if (turn.reserved) budgets::Budgets::rename(*turn.reserved, turn.chain[next]->name(turn.conversation.model));
    return true;
  }

  Verdict reserve(Exchange& exchange, Turn& turn) const {
    if (shared_.budgets->idle()) return Verdict::pass;
    const std::string_view model = turn.chain.empty() ? turn.conversation.model : turn.chain[0]->name(turn.conversation.model);
    budgets::Reservation reserved;
    const std::int64_t prompt = budgets::estimated_tokens(exchange.request.body.size());
    if (const auto refused = shared_.budgets->enter(exchange.principal, exchange.client.address, model, prompt, reserved)) {
      exchange.add_finding(budget_finding(refused->budget));
      return refuse_budget(exchange, refused->budget, refused->wait);
    }
    turn.reserved = std::move(reserved);
    return Verdict::pass;
  }

  void keep(Exchange& exchange, Turn& turn) const {
    Record record;
    record.time = exchange.started_wall;
    record.person = exchange.principal.anonymous() ? exchange.client.address.text() : exchange.principal.user;
    record.tenant = exchange.principal.tenant;
    if (exchange.route != nullptr) record.route = exchange.route->id;
    record.model = turn.conversation.model;
    record.request = turn.said;
    if (turn.sent) record.sent = exchange.request.body;
    if (turn.answer) record.answer = std::move(*turn.answer);
    if (exchange.denial() != nullptr) record.refused = exchange.denial()->rule;
    if (!shared_.conversations->add(std::move(record))) exchange.add_finding(not_kept_finding());
  }

  /// A model that took the request is paid, whatever became of its answer; so is the prompt of a client that did not wait for one.
  void finished(Exchange& exchange, Turn& turn) const {
    constexpr std::uint16_t kClientGone = 499;
    if (shared_.conversations && turn.request) keep(exchange, turn);
    if (!turn.reserved) return;
    budgets::Usage usage;
    if (turn.answered && turn.meter)
      usage = turn.meter->usage();
    else if (exchange.response.status == kClientGone)
      usage.input = budgets::estimated_tokens(exchange.request.body.size());
    shared_.budgets->leave(*std::exchange(turn.reserved, std::nullopt), usage);
  }

  /// Looks at what the user said and at what came in as data, the latest turns first; then at the user's turns together.
  Verdict judge(Exchange& exchange, const Conversation& conversation) const {
    const InjectionSettings& rules = settings_.injection;
    std::vector<Said> said;
    std::size_t judged = 0;
    std::array<bool, 2> noted{};  // the latest text of each channel says where scores lie: a history comes again with each turn
    for (auto part = conversation.parts.rbegin(); part != conversation.parts.rend() && judged < kMaxJudged; ++part) {
      const bool data = part->channel == Channel::data;
      if (!data && part->channel != Channel::user) continue;
      judged += part->text.size();
      std::string without;
      const std::string_view text = attacks_.without_allowed(part->text, without);
      const Mode mode = data ? rules.data : rules.user;
      if (mode != Mode::off) {
        injection::Judgement judgement = shared_.detector->judge(text, part->channel, attacks_.thresholds);
        if (text.data() != part->text.data()) judgement.span = {};  // it is no part of what was said
        if (!std::exchange(noted[data ? 1 : 0], true)) shared_.drift->note(part->channel, judgement.score + attacks_.above_usual(data));
        if (!data) said.push_back({part->message, judgement.score, judgement.evidence});
        if (judgement.attack) {
          exchange.add_finding(injection_finding(*part, judgement, mode));
          if (mode == Mode::block) return refuse_injection(exchange, to_string(part->channel));
        }
      }
      if (!data && gibberish(exchange, *part, text) == Verdict::deny) return Verdict::deny;
    }
    return escalation(exchange, {said.rbegin(), said.rend()});
  }

  Verdict gibberish(Exchange& exchange, const Part& part, std::string_view text) const {
    const Mode mode = no_stricter(settings_.injection.gibberish, settings_.injection.user);
    if (mode == Mode::off) return Verdict::pass;
    const injection::Soup soup = shared_.detector->gibberish(text, attacks_.thresholds);
    if (soup.score < 0) return Verdict::pass;
    exchange.add_finding(gibberish_finding(part, soup, mode));
    return mode == Mode::block ? refuse_injection(exchange, "gibberish") : Verdict::pass;
  }

  /// `said`: the user's turns, oldest first.
  Verdict escalation(Exchange& exchange, const std::vector<Said>& said) const {
    const Mode mode = no_stricter(settings_.injection.conversation, settings_.injection.user);
    if (mode == Mode::off || said.size() < 2 || said.back().score >= 0) return Verdict::pass;
    std::vector<injection::Evidence> turns;
    for (const Said& each : said) turns.push_back(each.evidence);
    const float score = shared_.detector->escalation(turns, attacks_.thresholds);
    if (score < 0) return Verdict::pass;
    exchange.add_finding(escalation_finding(said, score, mode));
    return mode == Mode::block ? refuse_injection(exchange, "conversation") : Verdict::pass;
  }

  /// Sizes of texts, and what is attached.
  Verdict attachments(Exchange& exchange, const Turn& turn) const {
    const InputSettings& input = settings_.input;
    for (const Part& part : turn.conversation.parts)
      if (part.text.size() > input.max_text.bytes)
        return refuse_bad(exchange, client_error(Code::too_large, "a text is longer than the limit allows"));
    for (const input::Attachment& each : input::attachments(turn.request->root())) {
      const auto [mode, what] = objection(each);
      if (mode == Mode::off) continue;
      exchange.add_finding(input_finding("attachments", what, mode));
      if (mode == Mode::block) return refuse_input(exchange, "attachments");
    }
    return Verdict::pass;
  }

  std::pair<Mode, std::string_view> objection(const input::Attachment& attachment) const {
    const InputSettings& input = settings_.input;
    if (attachment.kind == input::Attachment::Kind::file_id) return {input.file_ids, "a file at the provider"};
    if (attachment.kind == input::Attachment::Kind::remote_url) return {input.remote_urls, "an address that the provider fetches"};
    if (std::find(input.types.begin(), input.types.end(), attachment.type) == input.types.end())
      return {input.attachments, "an attachment of another type"};
    return {input::begins_like(attachment) ? Mode::off : input.attachments, "an attachment that is not what it says"};
  }

  Result<Verdict> mask(Exchange& exchange, Turn& turn) const {
    const json::Value root = turn.request->root();
    const pii::Key key = conversation_key(exchange, turn.conversation);
    turn.pseudonyms = std::make_shared<pii::Pseudonyms>(key);
    pii::Redactor redactor(policy_, *turn.pseudonyms);
    input::Screen screen(settings_.input, [&](std::string_view check, std::string_view what, Mode mode) {
      exchange.add_finding(input_finding(check, what, mode));
    });
    MaskingRewriter rewriter(redactor, &screen, &turn.conversation);
    if (const Part* const system = settings_.output.canary == Mode::off ? nullptr : turn.conversation.system()) {
      turn.canary = output::canary_token(key);
      rewriter.append_to(system->text, output::canary_sentence(turn.canary));
    }
    std::string body;
    body.reserve(exchange.request.body.size() + 256);
    json::Writer writer(body);
    if (Result<void> done = transcribe(root, rewriter, writer); !done.ok()) return refuse_or_fail(exchange, done.error());
    for (std::size_t kind = 0; kind < pii::kKinds; ++kind)
      if (redactor.counts()[kind] > 0)
        exchange.add_finding(pii_finding(static_cast<pii::Kind>(kind), redactor.counts()[kind], policy_.modes[kind]));
    if (!screen.blocked().empty()) return refuse_input(exchange, screen.blocked());
    if (const auto kind = redactor.blocked()) return refuse_pii(exchange, *kind);
    exchange.replace_request_body(std::move(body));
    return Verdict::pass;
  }

  /// The same conversation of the same caller on this route draws the same surrogates; nobody else does.
  pii::Key conversation_key(const Exchange& exchange, const Conversation& conversation) const {
    const trace::Principal& who = exchange.principal;
    const std::string caller = fmt::format("{}\n{}\n{}", who.tenant, who.user, who.credential_id);
    return pii::derive(pii::derive(shared_.key, "caller", caller), "conversation", conversation.opening());
  }

  static void register_inputs(Exchange& exchange, const Conversation& conversation) {
    for (const Part& part : conversation.parts) {
      if (part.channel != Channel::user && part.channel != Channel::data && !part.tool_argument) continue;
      if (exchange.trace_inputs.size() == trace::Context::kMaxInputs) return;
      exchange.trace_inputs.push_back({part.tool_argument ? trace::Input::Where::tool_argument : trace::Input::Where::chat,
                                       fmt::format("messages[{}]", part.message), std::string(part.text)});
    }
  }

  Result<Verdict> response_head(Exchange& exchange, Turn& turn) const {
    const std::uint16_t status = exchange.response.status;
    if (routing::worth_another(status) && ask_another(exchange, turn, routing::worth_the_same(status))) return Verdict::again;
    turn.answered = status < 400;
    if (turn.reserved) turn.meter = std::make_shared<budgets::Meter>(exchange.request.body.size());
    if (!turn.pseudonyms) turn.pseudonyms = std::make_shared<pii::Pseudonyms>(shared_.key);
    turn.watch = watch(exchange, turn);
    if (shared_.conversations) turn.answer = std::make_shared<std::string>();
    const auto recorded = [&] {
      if (turn.answer) exchange.filter_response_body(std::make_unique<Recording>(turn.answer, ConversationStore::kMaxText));
      return Verdict::pass;
    };
    if (!turn.has_part()) return recorded();
    const gateway::Headers& headers = exchange.response.headers;
    const std::string_view encoding = headers.get("content-encoding");
    if (!encoding.empty() && !gateway::same_header(encoding, "identity"))
      return upstream_error(Code::unsupported, "the model answered in a content encoding, which was not asked for and cannot be restored");
    exchange.response_edits.remove("etag");
    const std::string_view type = headers.get("content-type");
    if (media_type_is(type, "text/event-stream"))
      exchange.filter_response_body(std::make_unique<StreamRestorer>(turn.pseudonyms, turn.watch, turn.meter));
    else if (media_type_is(type, "application/json"))
      exchange.want_response_body(kMaxReply);
    else
      exchange.filter_response_body(std::make_unique<PlainRestorer>(turn.pseudonyms, turn.watch, turn.meter));
    return recorded();
  }

  static Result<Verdict> response_body(Exchange& exchange, Turn& turn) {
    if (!turn.watch || !turn.has_part() || exchange.response.body.empty()) return Verdict::pass;
    if (!media_type_is(exchange.response.headers.get("content-type"), "application/json")) return Verdict::pass;
    if (waits_for_people(exchange.response.body, *turn.watch)) return Verdict::wait;
    std::string restored = restore_reply(turn.pseudonyms->index(), exchange.response.body, turn.watch.get(), turn.meter.get());
    if (const output::Armed* guard = turn.watch->blocked()) return exchange.deny(output_denial(exchange, guard->name));
    exchange.replace_response_body(std::move(restored));
    return Verdict::pass;
  }

  /// The guards of this answer. What they find is told as it happens; a stream that they end was denied, though its head said 200.
  SharedWatch watch(Exchange& exchange, const Turn& turn) const {
    output::Question question;
    question.settings = &settings_.output;
    question.policy = &policy_;
    question.index = &turn.pseudonyms->index();
    question.conversation = &turn.conversation;
    question.canary = turn.canary;
    if (settings_.output.prompt != Mode::off) question.prompt = turn.conversation.instructions();
    auto made = std::make_shared<output::Watch>(std::move(question), [&exchange](const output::Armed& guard, std::string_view what) {
      exchange.add_finding(output_finding(guard.name, what, guard.mode));
      if (guard.mode == Mode::block) exchange.deny(output_denial(exchange, guard.name));
    });
    output::Watch::Ask ask;
    if (tools_.confirms()) ask = [this, &exchange, &turn](const tools::Call& call) { return put_before_people(call, exchange, turn); };
    if (!tools_.idle())
      made->judge_calls(
          [this, &exchange, &turn](const tools::Call& call) {
            return tools_.judge(call, exchange.principal, turn.conversation, &turn.pseudonyms->index());
          },
          std::move(ask));
    return made;
  }

  std::shared_ptr<const tools::Ticket> put_before_people(const tools::Call& call, Exchange& exchange, const Turn& turn) const {
    const std::string arguments = pii::restore(turn.pseudonyms->index(), call.arguments, pii::Escape::json);
    return shared_.confirmations->ask({exchange.principal.user, exchange.principal.tenant, call.name, arguments},
                                      settings_.tools.confirm_within, exchange.resumer());
  }

  /// The client's mistake is the client's answer; ours is an Error, on which `on_error` decides.
  static Result<Verdict> refuse_or_fail(Exchange& exchange, const Error& error) {
    if (error.origin != Origin::client) return error;
    return refuse_bad(exchange, error);
  }

  RouteSettings settings_;
  pii::Policy policy_;
  Attacks attacks_;
  tools::Policy tools_;
  routing::Router router_;
  Shared shared_;
  gateway::StageInfo info_;
};

}  // namespace

std::shared_ptr<const gateway::Stage> make_chat_stage(RouteSettings settings, tools::Policy tools, routing::Router router, Shared shared) {
  return std::make_shared<ChatStage>(std::move(settings), std::move(tools), std::move(router), std::move(shared));
}

}  // namespace bulwark::chat
