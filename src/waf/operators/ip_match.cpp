// @ipMatch and @ipMatchFromFile: whether the value is an address within any of a list of prefixes. One hash lookup for each prefix
// length in use, however long the list.
#include <map>
#include <sstream>
#include <unordered_set>

#include <fmt/format.h>

#include "base/ip.h"
#include "waf/operators/factories.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf::operators {
namespace {

IpAddress masked(IpAddress address, unsigned bits) {
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = bits > i * 8 ? std::min(bits - i * 8, 8u) : 0;
    address.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & (0xff00u >> kept));
  }
  return address;
}

class PrefixSet {
 public:
  void add(const IpPrefix& prefix) { by_length_[prefix.bits].insert(masked(prefix.address, prefix.bits)); }
  bool contains(const IpAddress& address) const {
    for (const auto& [bits, networks] : by_length_) {
      if (networks.contains(masked(address, bits))) return true;
    }
    return false;
  }

 private:
  std::map<unsigned, std::unordered_set<IpAddress>> by_length_;
};

class IpMatch final : public Operator {
 public:
  IpMatch(const Request& request, PrefixSet prefixes) : Operator(request.name, request.argument, false), prefixes_(std::move(prefixes)) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    const auto address = IpAddress::parse(value);
    if (!address.ok() || !prefixes_.contains(*address)) return false;
    context.matched = value;
    return true;
  }

 private:
  PrefixSet prefixes_;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Made make(const Request& request, std::string_view list) {
  PrefixSet prefixes;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(",\n"), list.size());
    std::string_view entry = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    entry = trimmed(entry.substr(0, entry.find('#')));
    if (entry.empty()) continue;
    const auto prefix = IpPrefix::parse(entry);
    if (!prefix.ok()) return config_error(fmt::format("@{}: '{}' is no address or prefix", request.name, entry));
    prefixes.add(*prefix);
  }
  return Made(std::make_unique<const IpMatch>(request, std::move(prefixes)));
}

}  // namespace

Made ip_match(const Request& request) { return make(request, request.argument); }

Made ip_match_from_file(const Request& request) {
  const std::string text = TRY(read_rule_data(request));
  return make(request, text);
}

}  // namespace bulwark::waf::operators
