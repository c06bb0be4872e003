#include "reference.h"

#include <map>

#include <modsecurity/actions/action.h>
#include <modsecurity/modsecurity.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

// The library exports these; its installed headers do not declare them.
namespace modsecurity {
namespace actions::transformations {
class Transformation : public Action {
 public:
  static Transformation* instantiate(std::string name);
};
}  // namespace actions::transformations
namespace operators {
class Operator {
 public:
  virtual ~Operator();
  virtual bool init(const std::string& file, std::string* error);
  virtual std::string resolveMatchMessage(Transaction* transaction, std::string key, std::string value);
  virtual bool evaluate(Transaction* transaction, const std::string& value);
  virtual bool evaluate(Transaction* transaction, RuleWithActions* rule, const std::string& value);
  virtual bool evaluate(Transaction* transaction, RuleWithActions* rule, const std::string& value,
                        std::shared_ptr<RuleMessage> message);
  static Operator* instantiate(const std::string& name, const std::string& argument);
};
}  // namespace operators
}  // namespace modsecurity

namespace bulwark::reference {

struct Engine::Parts {
  modsecurity::ModSecurity engine;
  modsecurity::RulesSet rules;
  modsecurity::Transaction transaction{&engine, &rules, nullptr};
  std::map<std::string, std::unique_ptr<modsecurity::actions::Action>, std::less<>> transforms;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<modsecurity::operators::Operator>> operators;
};

Engine::Engine() : parts_(std::make_unique<Parts>()) {}
Engine::~Engine() = default;

std::string Engine::transform(std::string_view name, std::string_view in) {
  auto& step = parts_->transforms[std::string(name)];
  if (!step) step.reset(modsecurity::actions::transformations::Transformation::instantiate("t:" + std::string(name)));
  return step->evaluate(std::string(in), &parts_->transaction);
}

Engine::Outcome Engine::match(std::string_view name, std::string_view argument, std::string_view value) {
  auto& op = parts_->operators[{std::string(name), std::string(argument)}];
  if (!op) {
    op.reset(modsecurity::operators::Operator::instantiate(std::string(name), std::string(argument)));
    std::string error;
    if (!op->init("", &error)) return {};
  }
  return {true, op->evaluate(&parts_->transaction, nullptr, std::string(value), nullptr)};
}

}  // namespace bulwark::reference
