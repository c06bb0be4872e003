// The commands that ask the running process through its admin socket: status, reload, entries, block, undo, explain.
#include <fmt/core.h>

#include <cstdio>

#include "bulwark/commands.h"
#include "bulwark/settings.h"
#include "soc/admin.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::app {
namespace {

constexpr json::ReadLimits kAnswerLimits{.max_bytes = 64 * 1024 * 1024};

int complain(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return error.origin == Origin::config ? 2 : 1;
}

/// The answer's document; an answer that is not ok is an Error.
Result<json::Document> ask(const std::string& config_file, std::string_view question) {
  const Settings settings = TRY(load_settings(config_file));
  const std::string answer = TRY(soc::ask_admin(admin_socket_file(settings), question));
  json::Document document = TRY(json::Document::parse(answer, kAnswerLimits));
  const auto ok = document.root().find("ok");
  if (ok && ok->boolean()) return document;
  const auto error = document.root().find("error");
  return internal_error(Code::denied, error ? std::string(error->text("message")) : "the running process gave no reason");
}

std::string simple(std::string_view command, std::string_view key = {}, std::string_view value = {}) {
  std::string question;
  json::Writer writer(question);
  writer.begin_object().field("command", command);
  if (!key.empty()) writer.field(key, value);
  writer.end_object();
  return question;
}

std::string number_of(const json::Value& object, std::string_view key) {
  const auto value = object.find(key);
  return value ? std::string(value->number_text()) : std::string();
}

/// One line: the event of the request itself carries its reasons in summary; what else has a rule adds to it.
void print_brief(const json::Value& event) {
  if (!event.text("rule").empty()) fmt::print("{}: {}\n", event.text("rule"), event.text("message"));
}

void print_detail(const json::Value& detail, int indent) {
  for (const json::Value member : detail) {
    if (member.is(json::Type::object) || member.is(json::Type::array)) {
      fmt::print("{:{}}{}:\n", "", indent, member.name().empty() ? "-" : member.name());
      print_detail(member, indent + 2);
    } else {
      std::string text;
      if (member.is(json::Type::string))
        text = member.string();
      else
        json::append(text, member);
      fmt::print("{:{}}{}{}{}\n", "", indent, member.name().empty() ? "- " : member.name(), member.name().empty() ? "" : ": ", text);
    }
  }
}

void print_event(const json::Value& event) {
  fmt::print("{}  {:<9} {:<8} {}\n", event.text("time"), event.text("plane"), event.text("disposition"), event.text("target"));
  if (!event.text("message").empty()) fmt::print("    {}\n", event.text("message"));
  for (const char* key : {"rule", "severity", "source", "user", "tenant", "route"})
    if (!event.text(key).empty()) fmt::print("    {}: {}\n", key, event.text(key));
  for (const char* key : {"status", "duration_us", "rows"})
    if (const std::string number = number_of(event, key); !number.empty()) fmt::print("    {}: {}\n", key, number);
  if (const auto detail = event.find("detail"); detail && detail->is(json::Type::object)) print_detail(*detail, 4);
}

std::string in_words(const json::Value& entry) {
  return fmt::format("{}  {:<9} {} {}  until {}  by {}  {}", entry.text("id"), entry.text("kind"), entry.text("subject"),
                     entry.text("value"), entry.text("expires"), entry.text("created_by"), entry.text("reason"));
}

std::string pair_of(const json::Value& models) {
  std::string words;
  for (const char* key : {"injection", "tagger"})
    if (const auto model = models.find(key))
      words += fmt::format("{}{} ({})", words.empty() ? "" : " and ", model->text("name"), model->text("digest").substr(0, 12));
  return words;
}

void print_models(const json::Value& models) {
  fmt::print("in force: {}\n    {}\n", pair_of(models), models.text("trial"));
  if (const auto back = models.find("put_back"))
    fmt::print("    put back by {} at {}; `bulwark chat rollback --undo` takes that back\n", back->text("by"), back->text("since"));
  const auto shelf = models.find("shelf");
  if (!shelf) return;
  const auto is = [](const json::Value& entry, const char* key) {
    const auto value = entry.find(key);
    return value && value->boolean();
  };
  for (const json::Value entry : *shelf)
    fmt::print("{}  {}{}\n", entry.text("since"), pair_of(entry),
               is(entry, "in_force")    ? "  in force"
               : is(entry, "withdrawn") ? "  withdrawn"
                                        : "");
}

void print_drift(const json::Value& channel) {
  const bool known = number_of(channel, "usual") != "0";
  fmt::print("scores, {}: ", channel.text("channel"));
  if (!known)
    fmt::print("not known yet what is usual: {} of {} requests\n", number_of(channel, "counted"), number_of(channel, "wanted"));
  else if (number_of(channel, "index").empty())
    fmt::print("nothing compared yet: {} of {} requests\n", number_of(channel, "counted"), number_of(channel, "wanted"));
  else
    fmt::print("population stability index {:.4}, limit {}\n", number_of(channel, "index"), number_of(channel, "limit"));
}

}  // namespace

int explain(const std::string& config_file, const std::string& request_id, bool brief) {
  auto answer = ask(config_file, simple("explain", "id", request_id));
  if (!answer.ok()) return complain(answer.error());
  const auto events = answer->root().find("events");
  if (!events || events->size() == 0) {
    fmt::print(stderr, "nothing is known about {}: it is older than the retention, or no request of this Bulwark\n", request_id);
    return 1;
  }
  for (const json::Value event : *events) {
    if (!brief)
      print_event(event);
    else
      print_brief(event);
  }
  return 0;
}

int status(const std::string& config_file) {
  auto answer = ask(config_file, simple("status"));
  if (!answer.ok()) return complain(answer.error());
  print_detail(*answer->root().find("status"), 0);
  return 0;
}

int reload(const std::string& config_file) {
  // The file's own mistakes are told even when nobody runs; the running process reads it again by itself.
  auto answer = ask(config_file, simple("reload"));
  if (!answer.ok()) return complain(answer.error());
  const std::string_view message = answer->root().text("message");
  fmt::print("reloaded{}{}\n", message.empty() ? "" : "; ", message);
  return 0;
}

int entries(const std::string& config_file) {
  auto answer = ask(config_file, simple("entries"));
  if (!answer.ok()) return complain(answer.error());
  const auto list = answer->root().find("entries");
  if (!list || list->size() == 0)
    fmt::print("nothing is blocked\n");
  else
    for (const json::Value entry : *list) fmt::print("{}\n", in_words(entry));
  return 0;
}

int undo(const std::string& config_file, const std::string& entry_id) {
  auto answer = ask(config_file, simple("undo", "id", entry_id));
  if (!answer.ok()) return complain(answer.error());
  fmt::print("undone: {}\n", entry_id);
  return 0;
}

int block(const std::string& config_file, const BlockOptions& options) {
  auto node = config::Node::parse("ttl: " + options.ttl, "--for");
  std::chrono::milliseconds ttl{};
  config::Problems problems;
  if (!node.ok() || node->find("ttl") == nullptr || !config::read(*node->find("ttl"), {.min = 1000}, ttl, problems)) {
    fmt::print(stderr, "--for: expected a duration of at least 1s, such as 10min\n");
    return 2;
  }
  std::string question;
  json::Writer writer(question);
  writer.begin_object().field("command", "block").field("subject", options.subject).field("value", options.value);
  writer.field("ttl_seconds", static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(ttl).count()));
  writer.field("reason", options.reason.empty() ? std::string("by hand") : options.reason).end_object();
  auto answer = ask(config_file, question);
  if (!answer.ok()) return complain(answer.error());
  if (const auto entry = answer->root().find("entry")) fmt::print("{}\n", in_words(*entry));
  return 0;
}

int chat_pending(const std::string& config_file) {
  auto answer = ask(config_file, simple("status"));
  if (!answer.ok()) return complain(answer.error());
  const auto status = answer->root().find("status");
  const auto chat = status ? status->find("chat") : std::nullopt;
  const auto list = chat ? chat->find("confirmations") : std::nullopt;
  if (!list || list->size() == 0) {
    fmt::print("no tool call waits\n");
    return 0;
  }
  for (const json::Value call : *list) {
    const std::string_view user = call.text("user").empty() ? "(nobody known)" : call.text("user");
    const std::string_view tenant = call.text("tenant");
    fmt::print("{}  until {}  for {}{}{}\n", call.text("id"), call.text("expires"), user, tenant.empty() ? "" : " of ", tenant);
    std::string arguments;  // quoted: nothing in them may move the cursor or hide a part
    json::append_string(arguments, call.text("arguments"));
    fmt::print("    {} {}\n", call.text("tool"), arguments);
  }
  return 0;
}

int chat_models(const std::string& config_file) {
  auto answer = ask(config_file, simple("status"));
  if (!answer.ok()) return complain(answer.error());
  const auto status = answer->root().find("status");
  const auto chat = status ? status->find("chat") : std::nullopt;
  const auto models = chat ? chat->find("models") : std::nullopt;
  if (!models) return complain(client_error(Code::not_found, "no route of the running process has chat"));
  print_models(*models);
  if (const auto drift = chat->find("drift"))
    for (const json::Value channel : *drift) print_drift(channel);
  return 0;
}

int chat_rollback(const std::string& config_file, bool undo) {
  std::string question;
  json::Writer(question).begin_object().field("command", "chat_rollback").field("undo", undo).end_object();
  auto answer = ask(config_file, question);
  if (!answer.ok()) return complain(answer.error());
  return chat_models(config_file);
}

int chat_accept_drift(const std::string& config_file) {
  auto answer = ask(config_file, simple("chat_accept_drift"));
  if (!answer.ok()) return complain(answer.error());
  fmt::print("the scores from now on are taken for what is usual\n");
  return 0;
}

int chat_decide(const std::string& config_file, const std::string& id, bool confirmed) {
  std::string question;
  json::Writer(question).begin_object().field("command", "chat_decide").field("id", id).field("confirmed", confirmed).end_object();
  auto answer = ask(config_file, question);
  if (!answer.ok()) return complain(answer.error());
  fmt::print("{}: {}\n", confirmed ? "confirmed" : "refused", id);
  return 0;
}

}  // namespace bulwark::app
