// The guard @name@.
#include "database/guards/@name@.h"

namespace bulwark::database {
namespace {

class @Name@ final : public Guard {
 public:
  const GuardInfo& info() const override {
    static const GuardInfo info{.name = "@name@"};
    return info;
  }

  Result<Verdict> check(const Statement&, std::vector<Finding>&) const override { return Verdict::pass; }
};

}  // namespace

std::shared_ptr<const Guard> make_@name@() { return std::make_shared<@Name@>(); }

}  // namespace bulwark::database
