// Acting: what is in force now, a new block with its end, and undoing one.
#include <fmt/core.h>

#include <algorithm>

#include "console/router.h"
#include "console/services.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::console {
namespace {

constexpr json::ReadLimits kBodyLimits{.max_bytes = 8 * 1024, .max_depth = 2, .max_values = 16};
constexpr std::int64_t kShortestTtl = 10;
constexpr std::int64_t kLongestTtl = 7 * 24 * 3600;
constexpr std::size_t kMaxValue = 256;
constexpr std::size_t kMaxReason = 500;
constexpr std::size_t kMaxListed = 1'000;
constexpr unsigned kWidestV4 = 96 + 8;   // a slip must not block half the internet
constexpr unsigned kWidestV6 = 32;

void append_entry(json::Writer& writer, const control::Entry& entry) {
  writer.begin_object()
      .field("id", entry.id.hex())
      .field("kind", control::to_string(entry.kind))
      .field("subject", control::to_string(entry.subject))
      .field("value", entry.value)
      .field("created", entry.created / 1'000'000)
      .field("expires", entry.expires / 1'000'000)
      .field("reason", entry.reason)
      .field("created_by", entry.created_by)
      .field("incident", entry.incident)
      .end_object();
}

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char each) { return static_cast<unsigned char>(each) < 0x20 || each == 0x7f; });
}

/// The wanted entry without its times, or what is wrong with it.
Result<control::Entry> entry_from(const json::Value& root) {
  control::Entry entry;
  const auto kind = control::kind_from(root.find("kind") ? root.text("kind") : "block");
  if (!kind) return client_error(Code::invalid, "'kind' has to be block, throttle, revoke or freeze.");
  const auto subject = control::subject_from(root.text("subject"));
  if (!subject) return client_error(Code::invalid, "'subject' names no kind of actor.");
  entry.kind = *kind;
  entry.subject = *subject;
  entry.value = root.text("value");
  if (entry.value.empty() || entry.value.size() > kMaxValue || !printable(entry.value))
    return client_error(Code::invalid, "Say whom: 1 to 256 printable characters.");
  if (entry.subject == control::Subject::ip) {
    const auto prefix = IpPrefix::parse(entry.value);
    if (!prefix.ok()) return client_error(Code::invalid, "This is not an IP address or prefix.");
    if (prefix->bits < (prefix->address.is_v4() ? kWidestV4 : kWidestV6))
      return client_error(Code::invalid, "This prefix is too wide: /8 is the widest for IPv4, /32 for IPv6.");
  }
  entry.reason = root.text("reason");
  if (entry.reason.empty() || entry.reason.size() > kMaxReason || !printable(entry.reason))
    return client_error(Code::invalid, "Give a reason for whoever reads this at 3 a.m. (at most 500 characters).");
  entry.incident = root.text("incident").substr(0, kMaxValue);
  return entry;
}

class ControlRoutes {
 public:
  explicit ControlRoutes(Services& services) : services_(services) {}

  Reply list(Call&) {
    if (services_.control == nullptr) return no_control();
    const auto snapshot = services_.control->snapshot();
    const WallTime now = services_.clock.wall();
    std::string body;
    json::Writer writer(body);
    writer.begin_object().field("now", now / 1'000'000).key("entries").begin_array();
    std::size_t listed = 0;
    for (const auto& entry : snapshot->entries())
      if (entry.expires > now && listed++ < kMaxListed) append_entry(writer, entry);
    writer.end_array().end_object();
    return json_reply(std::move(body));
  }

  Reply block(Call& call) {
    if (services_.control == nullptr) return no_control();
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    auto wanted = entry_from(document->root());
    if (!wanted.ok()) return problem(wanted.error());
    const auto ttl = document->root().find("ttl_seconds");
    const auto seconds = ttl ? ttl->integer().value_or(0) : 0;
    if (seconds < kShortestTtl || seconds > kLongestTtl)
      return problem(400, "ttl", "Choose an end between 10 seconds and 7 days from now. Nothing lasts for ever.");
    wanted->id = control::EntryId::random();
    wanted->created = services_.clock.wall();
    wanted->expires = wanted->created + seconds * 1'000'000'000;
    wanted->created_by = "user:" + call.session->user;
    const auto added = services_.control->add(std::move(*wanted));
    if (!added.ok()) return problem(added.error());
    note(call, Record::Change::create, "console.block", *added, fmt::format("for {} s: {}", seconds, added->reason));
    return entry_reply(*added);
  }

  Reply undo(Call& call) {
    if (services_.control == nullptr) return no_control();
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto id = control::EntryId::from_hex(document->root().text("id"));
    if (!id) return problem(400, "id", "'id' has to be 32 hex digits.");
    const auto undone = services_.control->undo(*id);
    if (!undone.ok() && undone.error().code == Code::not_found)
      return problem(404, "not_found", "This is no longer in force: it expired or somebody undid it.");
    if (!undone.ok()) return problem(undone.error());
    note(call, Record::Change::erase, "console.undo", *undone, "undone before its end");
    return entry_reply(*undone);
  }

 private:
  static Reply no_control() { return problem(503, "no_control", "No control table is configured."); }

  static Reply entry_reply(const control::Entry& entry) {
    std::string body;
    json::Writer writer(body);
    append_entry(writer, entry);
    return json_reply(std::move(body));
  }

  void note(const Call& call, Record::Change activity, std::string_view rule, const control::Entry& entry,
            std::string_view how) {
    services_.record.change(call, activity, rule, fmt::format("{} {}", control::to_string(entry.subject), entry.value),
                            fmt::format("{}: {} of {} {}, {}.", call.session->user, control::to_string(entry.kind),
                                        control::to_string(entry.subject), entry.value, how));
  }

  Services& services_;
};

}  // namespace

void add_control_routes(Router& router, Services& services) {
  auto routes = std::make_shared<ControlRoutes>(services);
  const auto to = [&](auto member) { return [routes, member](Call& call) { return (routes.get()->*member)(call); }; };
  router.add({"GET", "/api/entries", Access::viewer, Lane::reads, to(&ControlRoutes::list)});
  router.add({"POST", "/api/block", Access::responder, Lane::reads, to(&ControlRoutes::block)});
  router.add({"POST", "/api/undo", Access::responder, Lane::reads, to(&ControlRoutes::undo)});
}

}  // namespace bulwark::console
