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
constexpr std::chrono::seconds kShortestTtl{10};
constexpr std::chrono::seconds kLongestTtl = std::chrono::hours(7 * 24);
constexpr std::size_t kMaxValue = 256;
constexpr std::size_t kMaxReason = 500;
constexpr std::size_t kMaxListed = 1'000;
constexpr unsigned kWidestV4 = 96 + 8;  // a slip must not block half the internet
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

/// What a person orders.
struct Order {
  control::Subject subject{};
  std::string_view value;
  std::chrono::seconds ttl{};
  std::string_view reason;
};

Result<void> check_value(control::Subject subject, std::string_view value) {
  if (value.empty() || value.size() > kMaxValue || !printable(value))
    return client_error(Code::invalid, "Say whom: 1 to 256 printable characters.");
  if (subject != control::Subject::ip) return {};
  const auto prefix = IpPrefix::parse(value);
  if (!prefix.ok()) return client_error(Code::invalid, "This is not an IP address or prefix.");
  if (prefix->bits < (prefix->address.is_v4() ? kWidestV4 : kWidestV6))
    return client_error(Code::invalid, "This prefix is too wide: /8 is the widest for IPv4, /32 for IPv6.");
  return {};
}

Result<Order> order_from(const json::Value& root) {
  Order order{.value = root.text("value"), .reason = root.text("reason")};
  const auto subject = control::subject_from(root.text("subject"));
  if (!subject) return client_error(Code::invalid, "'subject' names no kind of actor.");
  order.subject = *subject;
  TRY(check_value(order.subject, order.value));
  if (order.reason.empty() || order.reason.size() > kMaxReason || !printable(order.reason))
    return client_error(Code::invalid, "Give a reason for whoever reads this at 3 a.m. (at most 500 characters).");
  const auto ttl = root.find("ttl_seconds");
  order.ttl = std::chrono::seconds(ttl ? ttl->integer().value_or(0) : 0);
  if (order.ttl < kShortestTtl || order.ttl > kLongestTtl)
    return client_error(Code::invalid, "Choose an end between 10 seconds and 7 days from now. Nothing lasts for ever.");
  return order;
}

class ControlRoutes {
 public:
  explicit ControlRoutes(Services& services) : services_(services) {}

  Reply list(Call&) {
    const WallTime now = services_.clock.wall();
    std::string body;
    json::Writer writer(body);
    writer.begin_object().field("now", now / 1'000'000).key("entries").begin_array();
    std::size_t listed = 0;
    for (const auto& entry : services_.desk->entries())
      if (entry.expires > now && listed++ < kMaxListed) append_entry(writer, entry);
    writer.end_array().end_object();
    return json_reply(std::move(body));
  }

  Reply block(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto order = order_from(document->root());
    if (!order.ok()) return problem(order.error());
    const auto made = services_.desk->block(order->subject, order->value, order->ttl, order->reason, "user:" + call.session->user);
    if (!made.ok()) return problem(made.error());
    services_.record.change(call, Record::Change::create, "console.block", made->value,
                            fmt::format("{} blocked {} {} for {} s: {}", call.session->user, control::to_string(made->subject), made->value,
                                        order->ttl.count(), order->reason));
    std::string body;
    json::Writer writer(body);
    append_entry(writer, *made);
    return json_reply(std::move(body));
  }

  Reply undo(Call& call) {
    const auto document = json::Document::parse(call.body, kBodyLimits);
    if (!document.ok()) return problem(document.error());
    const auto handle = document->root().text("id");
    const auto undone = services_.desk->undo(handle, "user:" + call.session->user);
    if (!undone.ok() && undone.error().code == Code::not_found)
      return problem(404, "not_found", "This is no longer in force: it expired or somebody undid it.");
    if (!undone.ok()) return problem(undone.error());
    services_.record.change(call, Record::Change::erase, "console.undo", handle,
                            fmt::format("{} undid an action before its end.", call.session->user));
    return json_reply("{}");
  }

 private:
  Services& services_;
};

}  // namespace

void add_control_routes(Router& router, Services& services) {
  if (services.desk == nullptr) return;
  auto routes = std::make_shared<ControlRoutes>(services);
  const auto to = [&](auto member) { return [routes, member](Call& call) { return (routes.get()->*member)(call); }; };
  router.add({"GET", "/api/entries", Access::viewer, Lane::reads, to(&ControlRoutes::list)});
  router.add({"POST", "/api/block", Access::responder, Lane::reads, to(&ControlRoutes::block)});
  router.add({"POST", "/api/undo", Access::responder, Lane::reads, to(&ControlRoutes::undo)});
}

}  // namespace bulwark::console
