// All rule sets of a configuration, compiled: an immutable snapshot, replaced whole on reload. Persistent collections live on
// from one snapshot to the next.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/refusal_observer.h"
#include "gateway/stage.h"
#include "waf/settings.h"

namespace bulwark::waf {

struct Program;
struct Policy;
class Blocklists;
class PersistentStore;

class RuleSet {
 public:
  /// Errors name file, line and column; the caller then keeps the snapshot it has. `before`: the snapshot that this one
  /// replaces, whose persistent collections go on and whose programs are kept where nothing that they were made of changed;
  /// nullptr at the start.
  static Result<std::shared_ptr<const RuleSet>> load(const Settings& settings, const RuleSet* before = nullptr);
  ~RuleSet();

  /// nullptr: no rule set of that name.
  std::shared_ptr<const Program> program(std::string_view name) const;
  PersistentStore& store() const { return *store_; }
  Blocklists* blocklists() const { return blocklists_.get(); }  ///< nullptr: no rule asks any
  std::size_t rule_count() const;

 private:
  RuleSet();
  Result<void> add(const std::string& name, const std::vector<std::string>& paths, const Settings& settings, const RuleSet* before);

  struct Entry {
    std::vector<std::string> files;
    std::shared_ptr<const Program> program;
  };
  std::map<std::string, Entry, std::less<>> programs_;
  Settings settings_;
  std::shared_ptr<PersistentStore> store_;
  std::shared_ptr<Blocklists> blocklists_;
};

/// Errors, origin config: an unknown rule set, an exclusion that names no rule or no field, an invalid date.
Result<std::shared_ptr<const Policy>> make_policy(const Program& program, const RouteSettings& settings);

/// The WAF as a stage of one route. `rule_set` is kept alive by it.
Result<std::shared_ptr<const gateway::Stage>> make_stage(std::shared_ptr<const RuleSet> rule_set, const RouteSettings& settings);

/// Runs the rules over requests that the edge refused, for their findings alone.
Result<std::shared_ptr<const gateway::RefusalObserver>> make_refusal_observer(std::shared_ptr<const RuleSet> rule_set,
                                                                              const RouteSettings& settings);

}  // namespace bulwark::waf
