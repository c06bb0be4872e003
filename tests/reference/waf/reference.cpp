#include "reference.h"

#include "base/check.h"

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
  virtual bool evaluate(Transaction* transaction, RuleWithActions* rule, const std::string& value, std::shared_ptr<RuleMessage> message);
  static Operator* instantiate(const std::string& name, const std::string& argument);
};
}  // namespace operators
}  // namespace modsecurity

namespace bulwark::reference {

struct Engine::Parts {
  modsecurity::ModSecurity engine;
  modsecurity::RulesSet rules;
  modsecurity::Transaction transaction{&engine, &rules, nullptr};
  modsecurity::RulesSet body_rules;
  std::map<std::string, std::unique_ptr<modsecurity::actions::Action>, std::less<>> transforms;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<modsecurity::operators::Operator>> operators;
};

Engine::Engine() : parts_(std::make_unique<Parts>()) {
  CHECK(parts_->body_rules.load("SecRuleEngine On\n"
                                "SecRequestBodyAccess On\n"
                                "SecRequestBodyLimit 10000000\n"
                                "SecRequestBodyNoFilesLimit 10000000\n"
                                "SecRule REQUEST_HEADERS:Content-Type \"@beginsWith application/json\" "
                                "\"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON\"\n") >= 0);
}
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

int Engine::Body::flag(std::string_view name) const {
  const auto found = flags.find(name);
  return found == flags.end() ? 0 : found->second;
}

Engine::Body Engine::urlencoded_body(const std::string& body_text) { return body("application/x-www-form-urlencoded", body_text); }
Engine::Body Engine::json_body(const std::string& body_text) { return body("application/json", body_text); }
Engine::Body Engine::multipart_body(const std::string& content_type, const std::string& body_text) { return body(content_type, body_text); }

namespace {

std::vector<std::pair<std::string, std::string>> all_of(modsecurity::AnchoredSetVariable& set) {
  std::vector<const modsecurity::VariableValue*> values;
  set.resolve(&values);
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto* value : values) {
    pairs.emplace_back(value->getKey(), value->getValue());
    delete value;
  }
  return pairs;
}

void read_flag(std::map<std::string, int, std::less<>>& flags, modsecurity::AnchoredVariable& variable) {
  const std::unique_ptr<std::string> text(variable.resolveFirst());
  if (text && !text->empty()) flags[variable.m_name] = std::atoi(text->c_str());
}

}  // namespace

Engine::Body Engine::body(const std::string& content_type, const std::string& text) {
  modsecurity::Transaction transaction(&parts_->engine, &parts_->body_rules, nullptr);
  transaction.processConnection("127.0.0.1", 1, "127.0.0.1", 80);
  transaction.processURI("/", "POST", "1.1");
  transaction.addRequestHeader("Content-Type", content_type);
  transaction.processRequestHeaders();
  transaction.appendRequestBody(reinterpret_cast<const unsigned char*>(text.data()), text.size());
  transaction.processRequestBody();
  Body result;
  result.arguments = all_of(transaction.m_variableArgs);
  result.files = all_of(transaction.m_variableFiles);
  for (auto* variable :
       {&transaction.m_variableReqbodyError, &transaction.m_variableUrlEncodedError, &transaction.m_variableMultipartStrictError,
        &transaction.m_variableMultipartBoundaryQuoted, &transaction.m_variableMultipartBoundaryWhiteSpace,
        &transaction.m_variableMultipartDataBefore, &transaction.m_variableMultipartDataAfter,
        &transaction.m_variableMultipartHeaderFolding, &transaction.m_variableMultipartLFLine, &transaction.m_variableMultipartCrlfLFLines,
        &transaction.m_variableMultipartMissingSemicolon, &transaction.m_variableMultipartInvalidQuoting,
        &transaction.m_variableMultipartInvalidPart, &transaction.m_variableMultipartInvalidHeaderFolding,
        &transaction.m_variableMultipartUnmatchedBoundary}) {
    read_flag(result.flags, *variable);
  }
  const std::unique_ptr<std::string> message(transaction.m_variableReqbodyErrorMsg.resolveFirst());
  if (message) result.message = *message;
  return result;
}

}  // namespace bulwark::reference
