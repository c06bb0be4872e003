#include "engines.h"

#include <modsecurity/modsecurity.h>
#include <modsecurity/rule_message.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

#include <stdexcept>

#include "waf/base_rules.h"
#include "waf/engine/persistent.h"
#include "waf/rule_set.h"
#include "waf/transaction.h"

namespace bulwark::reference {

struct Ours::Parts {
  std::shared_ptr<const waf::RuleSet> rules;
  std::shared_ptr<const waf::Program> program;
  std::shared_ptr<const waf::Policy> policy;
  waf::Transaction transaction;
  waf::Connection connection{*Endpoint::parse("203.0.113.9:4711"), *Endpoint::parse("127.0.0.1:80"), "4bf92f3577b34da6a3ce929d0e0e4736",
                             ""};
};

Ours::Ours(int paranoia) : parts_(std::make_unique<Parts>()) {
  waf::Settings settings;
  settings.reference = waf::Reference::modsecurity3;
  settings.nested_json = false;  // the reference takes such strings as they are
  auto loaded = waf::RuleSet::load(settings);
  if (!loaded.ok()) throw std::runtime_error(loaded.error().message);
  parts_->rules = *loaded;
  parts_->program = parts_->rules->program("default");
  waf::RouteSettings route;
  route.mode = waf::Mode::monitor;
  route.paranoia_level = paranoia;
  parts_->policy = *waf::make_policy(*parts_->program, route);
}

Ours::~Ours() = default;

Verdict Ours::run(const Request& request) {
  waf::Transaction& transaction = parts_->transaction;
  transaction.begin(parts_->program, parts_->policy, &parts_->rules->store());
  transaction.set_request({request.method, request.target, "HTTP/1.1", {}}, parts_->connection);
  for (const auto& [name, value] : request.headers) transaction.add_request_header(name, value);
  transaction.run_request_headers();
  transaction.run_request_body(request.body);
  Verdict verdict;
  for (const auto& match : transaction.matches()) {
    const bool by_phrases = match.rule->op != nullptr && match.rule->op->name().starts_with("pm");
    verdict.rules.insert(match.rule->id);
    verdict.matches.push_back({match.rule->id, by_phrases, match.decoded, match.matched});
  }
  verdict.score = transaction.tx("anomaly_score");
  transaction.run_logging();
  return verdict;
}

struct Theirs::Parts {
  modsecurity::ModSecurity engine;
  modsecurity::RulesSet rules;
};

Theirs::Theirs(int paranoia) : parts_(std::make_unique<Parts>()) {
  parts_->engine.setServerLogCb(
      [](void* verdict, const void* message) {
        static_cast<Verdict*>(verdict)->rules.insert(static_cast<const modsecurity::RuleMessage*>(message)->m_ruleId);
      },
      modsecurity::RuleMessageLogProperty);
  std::string setup =
      "SecRuleEngine DetectionOnly\nSecAuditEngine Off\nSecPcreMatchLimit 100000\nSecPcreMatchLimitRecursion 100000\n"
      "SecRequestBodyLimit 13107200\nSecRequestBodyNoFilesLimit 13107200\n";
  setup += waf::base_rules();
  const std::string level = std::to_string(paranoia);
  setup += "SecAction \"id:900000,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level=" + level +
           ",setvar:tx.executing_paranoia_level=" + level + "\"\n";
  setup += "Include /etc/modsecurity/crs/crs-setup.conf\nInclude " + std::string(kCoreRules) + "/*.conf\n";
  if (parts_->rules.load(setup.c_str()) < 0) throw std::runtime_error(parts_->rules.getParserError());
}

Theirs::~Theirs() = default;

Verdict Theirs::run(const Request& request) {
  Verdict verdict;
  modsecurity::Transaction transaction(&parts_->engine, &parts_->rules, &verdict);
  transaction.processConnection("203.0.113.9", 4711, "127.0.0.1", 80);
  transaction.processURI(request.target.c_str(), request.method.c_str(), "1.1");
  for (const auto& [name, value] : request.headers) transaction.addRequestHeader(name, value);
  transaction.processRequestHeaders();
  if (!request.body.empty()) {
    transaction.appendRequestBody(reinterpret_cast<const unsigned char*>(request.body.data()), request.body.size());
  }
  transaction.processRequestBody();
  if (const auto score = transaction.m_collections.m_tx_collection->resolveFirst("anomaly_score")) verdict.score = *score;
  transaction.processLogging();
  return verdict;
}

}  // namespace bulwark::reference
