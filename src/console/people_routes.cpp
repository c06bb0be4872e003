// Admins decide who may come in: invite by a one-time code, change a role, remove an account. Nobody changes their own role or
// removes themselves, so there is always an admin. Changes run on the password lane, one after another with sign-ins, because
// both write whole accounts.
#include <fmt/core.h>

#include "console/router.h"
#include "console/services.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::console {
namespace {

constexpr json::ReadLimits kBodyLimits{.max_bytes = 4 * 1024, .max_depth = 2, .max_values = 16};

class PeopleRoutes {
 public:
  explicit PeopleRoutes(Services& services) : services_(services) {}

  Reply list(Call&) {
    const auto people = services_.accounts.list();
    if (!people.ok()) return problem(people.error());
    std::string body;
    json::Writer writer(body);
    writer.begin_object().key("people").begin_array();
    for (const auto& each : *people)
      writer.begin_object()
          .field("name", each.name)
          .field("role", to_string(each.role))
          .field("created", each.created / 1'000'000)
          .field("last_sign_in", each.last_sign_in / 1'000'000)
          .field("invited_by", each.invited_by)
          .end_object();
    writer.end_array().end_object();
    return json_reply(std::move(body));
  }

  Reply invite(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto role = role_from(document->root().text("role"));
    if (!role) return problem(400, "role", "Choose viewer, responder or admin.");
    const auto code = services_.enrolment.invite(*role, call.session->user);
    if (!code.ok()) return problem(code.error());
    services_.record.change(call, Record::Change::create, "console.invitation", to_string(*role),
                            fmt::format("{} invited somebody as {}.", call.session->user, to_string(*role)));
    std::string body;
    json::Writer(body)
        .begin_object()
        .field("code", *code)
        .field("role", to_string(*role))
        .field("valid_hours", static_cast<std::int64_t>(Enrolment::kInvitationLives.count()))
        .end_object();
    return json_reply(std::move(body));
  }

  Reply change_role(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto role = role_from(document->root().text("role"));
    if (!role) return problem(400, "role", "Choose viewer, responder or admin.");
    auto account = other_account(call, document->root().text("name"));
    if (!account.ok()) return problem(account.error());
    account->role = *role;
    if (const auto saved = services_.accounts.save(*account); !saved.ok()) return problem(saved.error());
    services_.sessions.close_all_of(account->name);  // sessions carry the role they were opened with
    services_.record.change(call, Record::Change::update, "console.role", account->name,
                            fmt::format("{} made {} {}.", call.session->user, account->name, to_string(*role)));
    return list(call);
  }

  Reply remove(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto account = other_account(call, document->root().text("name"));
    if (!account.ok()) return problem(account.error());
    if (const auto erased = services_.accounts.erase(account->name); !erased.ok()) return problem(erased.error());
    services_.sessions.close_all_of(account->name);
    services_.record.change(call, Record::Change::erase, "console.account", account->name,
                            fmt::format("{} removed the account {}.", call.session->user, account->name));
    return list(call);
  }

 private:
  Result<Account> other_account(const Call& call, std::string_view name) {
    if (name == call.session->user) return client_error(Code::denied, "You cannot change your own role or remove yourself.");
    auto found = TRY(services_.accounts.find(name));
    if (!found) return client_error(Code::not_found, "There is no account of this name.");
    return std::move(*found);
  }

  Services& services_;
};

}  // namespace

void add_people_routes(Router& router, Services& services) {
  auto routes = std::make_shared<PeopleRoutes>(services);
  const auto to = [&](auto member) { return [routes, member](Call& call) { return (routes.get()->*member)(call); }; };
  router.add({"GET", "/api/people", Access::admin, Lane::reads, to(&PeopleRoutes::list)});
  router.add({"POST", "/api/people/invite", Access::admin, Lane::passwords, to(&PeopleRoutes::invite)});
  router.add({"POST", "/api/people/role", Access::admin, Lane::passwords, to(&PeopleRoutes::change_role)});
  router.add({"POST", "/api/people/remove", Access::admin, Lane::passwords, to(&PeopleRoutes::remove)});
}

}  // namespace bulwark::console
