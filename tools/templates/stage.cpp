// The stage @name@.
#include "api/@name@.h"

namespace bulwark::api {
namespace {

class @Name@ final : public gateway::Stage {
 public:
  const gateway::StageInfo& info() const override {
    static const gateway::StageInfo info{
        .name = "@name@", .phases = gateway::bit(gateway::Phase::request_head), .on_error = gateway::OnError::fail_closed};
    return info;
  }

  Result<gateway::Verdict> run(gateway::Phase, gateway::Exchange&, std::size_t) const override { return gateway::Verdict::pass; }
};

}  // namespace

std::shared_ptr<const gateway::Stage> make_@name@() { return std::make_shared<@Name@>(); }

}  // namespace bulwark::api
