// A gateway on loopback with the WAF and nothing else in its path, and one client that sends exact bytes and notes what the
// rules said about them.
#pragma once

#include <memory>
#include <string>

#include "waf/regression/suite.h"
#include "waf/rule_set.h"

namespace bulwark::waf::regression {

class Listener {
 public:
  static Result<std::unique_ptr<Listener>> start(std::shared_ptr<const RuleSet> rules, const RouteSettings& route);
  ~Listener();

  Observation run(const Input& input);

 private:
  Listener();
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace bulwark::waf::regression
