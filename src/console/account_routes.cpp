// Coming in and going out: enrolment with a set-up code, sign-in, sign-out, and one's own account.
#include <fmt/core.h>

#include "console/router.h"
#include "console/secret_text.h"
#include "console/services.h"
#include "crypto/totp.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::console {
namespace {

constexpr std::string_view kIssuer = "Bulwark";
constexpr json::ReadLimits kBodyLimits{.max_bytes = 16 * 1024, .max_depth = 4, .max_values = 64};

gateway::HeaderPairs cookie_header(std::string_view token) {
  const std::string_view expiry = token.empty() ? "; Max-Age=0" : "";
  return {{"set-cookie", fmt::format("{}={}; Path=/; Secure; HttpOnly; SameSite=Strict{}", kSessionCookie, token, expiry)}};
}

void append_session(json::Writer& writer, const Session& session) {
  writer.field("state", "signed_in").field("user", session.user).field("role", to_string(session.role)).field("csrf", session.csrf);
}

Reply wait_reply(std::chrono::seconds wait) {
  Reply reply = problem(429, "wait", fmt::format("Too many attempts. Try again in {} s.", wait.count()));
  reply.headers.emplace_back("retry-after", std::to_string(wait.count()));
  return reply;
}

class AccountRoutes {
 public:
  explicit AccountRoutes(Services& services) : services_(services) {}

  /// Where this browser stands: set_up (nobody has an account yet), signed_out or signed_in.
  Reply session(Call& call) {
    std::string body;
    json::Writer writer(body);
    writer.begin_object();
    if (call.session) {
      append_session(writer, *call.session);
    } else {
      const auto people = services_.accounts.list();
      if (!people.ok()) return problem(people.error());
      writer.field("state", people->empty() ? "set_up" : "signed_out");
    }
    writer.end_object();
    return json_reply(std::move(body));
  }

  Reply begin_set_up(Call& call) {
    if (const auto wait = services_.sign_in.wait_for_source(call.client); wait.count() > 0) return wait_reply(wait);
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto root = document->root();
    const auto code = root.text("code");
    if (!services_.enrolment.invited(code)) {
      services_.sign_in.source_failed(call.client);
      services_.record.authentication(call, Record::Sign::on, false, "", "A wrong set-up code was tried.");
      return problem(403, "code", "This set-up code is not valid. It may have been used or have expired.");
    }
    const std::string name(root.text("user"));
    if (!valid_account_name(name))
      return problem(400, "user", "Use 2 to 32 lower-case letters, digits or . _ - @, beginning with a letter or digit.");
    const auto taken = services_.accounts.find(name);
    if (!taken.ok()) return problem(taken.error());
    if (*taken) return problem(409, "user", "This name is taken. Choose another.");
    const auto password = root.text("password");
    if (const auto objection = crypto::password_objection(password, name); !objection.empty()) return problem(400, "password", objection);
    auto hash = services_.sign_in.hash(password);
    if (!hash.ok()) return problem(hash.error());
    const auto begun = services_.enrolment.begin(code, name, std::move(*hash));
    if (!begun.ok()) return problem(begun.error());
    std::string body;
    json::Writer(body)
        .begin_object()
        .field("ticket", begun->ticket)
        .field("secret", crypto::base32(begun->totp_secret))
        .field("uri", crypto::totp_uri(begun->totp_secret, kIssuer, name))
        .end_object();
    return json_reply(std::move(body));
  }

  Reply finish_set_up(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto finished = services_.enrolment.finish(document->root().text("ticket"), document->root().text("code"));
    if (!finished.ok()) return problem(finished.error());
    const Account& account = finished->account;
    if (const auto created = services_.accounts.create(account); !created.ok()) return problem(created.error());
    if (account.invited_by.empty()) services_.first_admin_exists();
    services_.record.change(call, Record::Change::create, "console.account", account.name,
                            fmt::format("{} set up an account as {}.", account.name, to_string(account.role)));
    return enter(call, account, finished->recovery_codes);
  }

  Reply sign_in(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto root = document->root();
    const auto outcome = services_.sign_in.attempt(root.text("user"), root.text("password"), root.text("code"), call.client);
    if (!outcome.ok()) return problem(outcome.error());
    if (outcome->wait.count() > 0) return wait_reply(outcome->wait);
    if (!outcome->account) {
      services_.record.authentication(call, Record::Sign::on, false, outcome->known_name, "A sign-in to the console failed.");
      return problem(401, "sign_in", "Name, password or code is wrong. A code works once; wait for the next one if in doubt.");
    }
    services_.record.authentication(
        call, Record::Sign::on, true, outcome->account->name,
        outcome->used_recovery_code ? "Signed in to the console with a recovery code." : "Signed in to the console.");
    return enter(call, *outcome->account, {});
  }

  Reply sign_out(Call& call) {
    services_.sessions.close(call.session->id);
    services_.record.authentication(call, Record::Sign::off, true, call.session->user, "Signed out of the console.");
    Reply reply = json_reply(R"({"state":"signed_out"})");
    reply.headers = cookie_header("");
    return reply;
  }

  Reply me(Call& call) {
    const auto found = services_.accounts.find(call.session->user);
    if (!found.ok()) return problem(found.error());
    if (!*found) return problem(404, "not_found", "This account is gone.");
    const Account& account = **found;
    std::string body;
    json::Writer(body)
        .begin_object()
        .field("name", account.name)
        .field("role", to_string(account.role))
        .field("created", account.created / 1'000'000)
        .field("last_sign_in", account.last_sign_in / 1'000'000)
        .field("recovery_codes_left", static_cast<std::uint64_t>(account.recovery_hashes.size()))
        .end_object();
    return json_reply(std::move(body));
  }

  /// Asks for password and code again, ends every session of this person and opens a new one.
  Reply change_password(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto root = document->root();
    const auto next = root.text("new_password");
    if (const auto objection = crypto::password_objection(next, call.session->user); !objection.empty())
      return problem(400, "new_password", objection);
    const auto outcome = services_.sign_in.attempt(call.session->user, root.text("password"), root.text("code"), call.client);
    if (!outcome.ok()) return problem(outcome.error());
    if (outcome->wait.count() > 0) return wait_reply(outcome->wait);
    if (!outcome->account) return problem(403, "password", "The present password or the code is wrong.");
    Account account = *outcome->account;
    auto hash = services_.sign_in.hash(next);
    if (!hash.ok()) return problem(hash.error());
    account.password_hash = std::move(*hash);
    if (const auto saved = services_.accounts.save(account); !saved.ok()) return problem(saved.error());
    services_.sessions.close_all_of(account.name);
    services_.record.change(call, Record::Change::update, "console.password", account.name, "Changed the own password.");
    return enter(call, account, {});
  }

 private:
  /// Opens a fresh session; the one that this browser held before ends, so that no planted session lives on.
  Reply enter(Call& call, const Account& account, const std::vector<std::string>& recovery_codes) {
    if (call.session) services_.sessions.close(call.session->id);
    const std::string token = services_.sessions.open(account.name, account.role);
    const auto session = services_.sessions.use(token);
    if (!session) return problem(500, "internal", "The session could not be opened. Try again.");
    std::string body;
    json::Writer writer(body);
    writer.begin_object();
    append_session(writer, *session);
    if (!recovery_codes.empty()) {
      writer.key("recovery_codes").begin_array();
      for (const auto& each : recovery_codes) writer.value(each);
      writer.end_array();
    }
    writer.end_object();
    Reply reply = json_reply(std::move(body));
    reply.headers = cookie_header(token);
    return reply;
  }

  Services& services_;
};

}  // namespace

void add_account_routes(Router& router, Services& services) {
  auto routes = std::make_shared<AccountRoutes>(services);
  const auto to = [&](auto member) { return [routes, member](Call& call) { return (routes.get()->*member)(call); }; };
  router.add({"GET", "/api/session", Access::open, Lane::reads, to(&AccountRoutes::session)});
  router.add({"POST", "/api/set-up", Access::open, Lane::passwords, to(&AccountRoutes::begin_set_up)});
  router.add({"POST", "/api/set-up/finish", Access::open, Lane::passwords, to(&AccountRoutes::finish_set_up)});
  router.add({"POST", "/api/sign-in", Access::open, Lane::passwords, to(&AccountRoutes::sign_in)});
  router.add({"POST", "/api/sign-out", Access::viewer, Lane::reads, to(&AccountRoutes::sign_out)});
  router.add({"GET", "/api/me", Access::viewer, Lane::reads, to(&AccountRoutes::me)});
  router.add({"POST", "/api/me/password", Access::viewer, Lane::passwords, to(&AccountRoutes::change_password)});
}

}  // namespace bulwark::console
