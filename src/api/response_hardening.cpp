// The headers follow the OWASP Secure Headers Project's list of what is safe for any application.
#include "api/response_hardening.h"

#include <array>

namespace bulwark::api {

void describe(config::Object<HardeningSettings>& object) {
  object.field("enabled", &HardeningSettings::enabled, {.help = "Harden this route's answers.", .example = "true"})
      .field("strict_transport", &HardeningSettings::strict_transport,
             {.help = "Send Strict-Transport-Security for a year, over TLS only, unless the app sends its own.", .example = "true"})
      .field("hide_server", &HardeningSettings::hide_server,
             {.help = "Remove Server and X-Powered-By from the app's answers.", .example = "true"});
}

namespace {

struct Default {
  std::string_view name;
  std::string_view value;
};
constexpr std::array<Default, 3> kDefaults{{
    {"x-content-type-options", "nosniff"},
    {"referrer-policy", "strict-origin-when-cross-origin"},
    {"x-frame-options", "SAMEORIGIN"},
}};
constexpr Default kStrictTransport{"strict-transport-security", "max-age=31536000"};
constexpr std::array<std::string_view, 2> kTelling{"server", "x-powered-by"};

class ResponseHardening final : public gateway::Stage {
 public:
  explicit ResponseHardening(const HardeningSettings& settings) : settings_(settings) {}

  const gateway::StageInfo& info() const override {
    static const gateway::StageInfo info{
        .name = "response_hardening", .phases = gateway::bit(gateway::Phase::response_head), .on_error = gateway::OnError::fail_open};
    return info;
  }

  Result<gateway::Verdict> run(gateway::Phase, gateway::Exchange& exchange, std::size_t) const override {
    const gateway::Headers& answered = exchange.response.headers;
    for (const auto& each : kDefaults)
      if (!answered.has(each.name)) exchange.response_edits.set(each.name, each.value);
    if (settings_.strict_transport && exchange.request.secure && !answered.has(kStrictTransport.name))
      exchange.response_edits.set(kStrictTransport.name, kStrictTransport.value);
    if (settings_.hide_server)
      for (const auto name : kTelling)
        if (answered.has(name)) exchange.response_edits.remove(name);
    return gateway::Verdict::pass;
  }

 private:
  HardeningSettings settings_;
};

}  // namespace

std::shared_ptr<const gateway::Stage> make_response_hardening(const HardeningSettings& settings) {
  return std::make_shared<ResponseHardening>(settings);
}

}  // namespace bulwark::api
