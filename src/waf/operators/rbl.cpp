// @rbl: whether a DNS blocklist names the address. Never waits: the stage has asked for the client's before the rules run; what
// nobody has asked for yet is asked for now, and known the next time.
#include "base/ip.h"
#include "waf/blocklists.h"
#include "waf/operators/factories.h"

namespace bulwark::waf::operators {
namespace {

class Rbl final : public Operator {
 public:
  explicit Rbl(const Request& request) : Operator(request.name, request.argument, false) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    const auto address = IpAddress::parse(value);
    if (context.blocklists == nullptr || !address.ok()) return false;
    const std::string name = Blocklists::name_of(*address, Operator::argument());
    const auto answer = context.blocklists->known(name);
    if (!answer) context.blocklists->ask(name, [] {});
    context.unanswered = !answer || *answer == Blocklists::Answer::silent;
    if (!answer || *answer != Blocklists::Answer::listed) return false;
    context.matched = value;
    if (context.want_captures) context.capture(0, value);
    return true;
  }
};

/// Letters, digits, hyphens and dots, as a zone's name has them.
bool is_zone(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !text.empty() && text.size() <= 180 && text.front() != '.' && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

Made rbl(const Request& request) {
  if (!is_zone(request.argument)) return config_error("@rbl needs the name of a blocklist, like sbl.example.org");
  return Made(std::make_unique<const Rbl>(request));
}

}  // namespace bulwark::waf::operators
