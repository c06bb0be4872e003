// The chat guard: what it blocked, what is spent, and the tool calls that wait for a person.
#include <fmt/core.h>

#include <map>

#include "console/router.h"
#include "console/services.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::console {
namespace {

constexpr json::ReadLimits kBodyLimits{.max_bytes = 1024, .max_depth = 2, .max_values = 8};
constexpr WallTime kDay = 24 * 3'600'000'000'000LL;
constexpr std::size_t kMaxRules = 50;

struct Seen {
  std::uint64_t blocked = 0;
  std::uint64_t other = 0;
};

/// Of the last day, by rule.
void append_rules(json::Writer& writer, events::Store* store, WallTime now) {
  std::map<std::string, Seen> rules;
  if (store != nullptr)
    if (const auto cells = store->minutes(now - kDay, now, ""); cells.ok())
      for (const auto& cell : *cells) {
        if (cell.plane != events::Plane::chat || !cell.rule.starts_with("chat.")) continue;
        if (rules.size() >= kMaxRules && !rules.contains(cell.rule)) continue;
        Seen& seen = rules[cell.rule];
        (cell.disposition == events::Disposition::blocked ? seen.blocked : seen.other) += cell.count;
      }
  writer.key("rules").begin_array();
  for (const auto& [rule, seen] : rules)
    writer.begin_object().field("rule", rule).field("blocked", seen.blocked).field("seen", seen.other).end_object();
  writer.end_array();
}

/// A call that waits; what the model asks for is shown to those only who may decide.
void append_call(json::Writer& writer, const json::Value& call, bool may_decide) {
  writer.begin_object();
  for (const json::Value& member : call) {
    if (member.name() == "arguments" && !may_decide) continue;
    std::string text;
    json::append(text, member);
    writer.key(member.name()).raw(text);
  }
  writer.end_object();
}

class ChatRoutes {
 public:
  explicit ChatRoutes(Services& services) : services_(services) {}

  Reply status(Call& call) {
    const std::string status = services_.chat.status();
    const auto document = json::Document::parse(status.empty() ? "{}" : status);
    if (!document.ok()) return problem(document.error());
    const bool may_decide = call.session->role >= Role::responder;
    std::string body;
    json::Writer writer(body);
    writer.begin_object().field("guarded", !status.empty());
    const json::Value root = document->root();
    for (const json::Value& member : root) {
      writer.key(member.name());
      if (member.name() == "confirmations") {
        writer.begin_array();
        for (const json::Value& each : member) append_call(writer, each, may_decide);
        writer.end_array();
      } else {
        std::string text;
        json::append(text, member);
        writer.raw(text);
      }
    }
    append_rules(writer, services_.store, services_.clock.wall());
    writer.end_object();
    return json_reply(std::move(body));
  }

  /// What people said and were told: for admins, and each look is on record.
  Reply turns(Call& call) {
    const Parameters parameters(call.query);
    const std::string person(parameters.get("person"));
    auto turns = services_.chat.turns(person);
    if (!turns.ok()) return problem(turns.error());
    services_.record.change(call, Record::Change::read, "console.chat.turns", person,
                            fmt::format("{} read what {} said.", call.session->user, person.empty() ? "everybody" : "a person"));
    return json_reply(R"({"turns":)" + *turns + "}");
  }

  Reply roll_back(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto undo = document->root().find("undo");
    if (!undo || !undo->is(json::Type::boolean)) return problem(400, "invalid", "Say whether a rollback is to be undone: undo.");
    const auto done = services_.chat.roll_back(undo->boolean(), "user:" + call.session->user);
    if (!done.ok() && done.error().origin == Origin::config) return problem(409, "refused", done.error().message);  // about a model file
    if (!done.ok()) return problem(done.error());
    services_.record.change(
        call, Record::Change::update, "console.chat.rollback", "models",
        fmt::format("{} {} the chat models.", call.session->user, undo->boolean() ? "undid a rollback of" : "rolled back"));
    return json_reply("{}");
  }

  Reply accept_drift(Call& call) {
    if (const auto done = services_.chat.accept_drift("user:" + call.session->user); !done.ok()) return problem(done.error());
    services_.record.change(call, Record::Change::update, "console.chat.accept_drift", "scores",
                            fmt::format("{} took the scores from now on for what is usual.", call.session->user));
    return json_reply("{}");
  }

  Reply decide(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const std::string id(document->root().text("id"));
    const auto confirmed = document->root().find("confirmed");
    if (!confirmed || !confirmed->is(json::Type::boolean)) return problem(400, "invalid", "Say whether the call may go: confirmed.");
    const auto decided = services_.chat.decide(id, confirmed->boolean(), "user:" + call.session->user);
    if (!decided.ok() && decided.error().code == Code::not_found)
      return problem(404, "not_found", "This call no longer waits: it was decided, it expired, or its client left.");
    if (!decided.ok()) return problem(decided.error());
    services_.record.change(call, Record::Change::create, "console.chat.decide", id,
                            fmt::format("{} {} a tool call.", call.session->user, confirmed->boolean() ? "confirmed" : "refused"));
    return json_reply("{}");
  }

 private:
  Services& services_;
};

}  // namespace

void add_chat_routes(Router& router, Services& services) {
  if (!services.chat.status) return;
  auto routes = std::make_shared<ChatRoutes>(services);
  const auto to = [&](auto member) { return [routes, member](Call& call) { return (routes.get()->*member)(call); }; };
  router.add({"GET", "/api/chat", Access::viewer, Lane::reads, to(&ChatRoutes::status)});
  router.add({"GET", "/api/chat/turns", Access::admin, Lane::reads, to(&ChatRoutes::turns)});
  router.add({"POST", "/api/chat/rollback", Access::responder, Lane::reads, to(&ChatRoutes::roll_back)});
  router.add({"POST", "/api/chat/accept-drift", Access::responder, Lane::reads, to(&ChatRoutes::accept_drift)});
  router.add({"POST", "/api/chat/decide", Access::responder, Lane::reads, to(&ChatRoutes::decide)});
}

}  // namespace bulwark::console
