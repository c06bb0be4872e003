// The whole engine beside libmodsecurity with the Core Rule Set, detecting only: the same rules must match and the score must be the
// same for every generated request. BULWARK_DIFFERENTIAL_REQUESTS says how many; `make waf-differential` compares 20,000.
#include <gtest/gtest.h>
#include <modsecurity/modsecurity.h>
#include <modsecurity/rule_message.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "requests.h"
#include "waf/base_rules.h"
#include "waf/engine/persistent.h"
#include "waf/rule_set.h"
#include "waf/transaction.h"

namespace bulwark::reference {
namespace {

constexpr const char* kCoreRules = "/usr/share/modsecurity-crs/rules";
constexpr int kDefaultRequests = 1500;

struct Verdict {
  std::set<std::int64_t> rules;
  std::string score;
  bool operator==(const Verdict&) const = default;
};

std::string text_of(const std::set<std::int64_t>& rules) {
  std::string out;
  for (const auto rule : rules) out += std::to_string(rule) + " ";
  return out;
}

class Ours {
 public:
  explicit Ours(int paranoia) {
    waf::Settings settings;
    settings.reference = waf::Reference::modsecurity3;
    auto loaded = waf::RuleSet::load(settings);
    if (!loaded.ok()) throw std::runtime_error(loaded.error().message);
    rules_ = *loaded;
    program_ = rules_->program("default");
    waf::RouteSettings route;
    route.mode = waf::Mode::monitor;
    route.paranoia_level = paranoia;
    policy_ = *waf::make_policy(*program_, route);
  }

  Verdict run(const Request& request) {
    transaction_.begin(program_, policy_, &rules_->store());
    transaction_.set_request({request.method, request.target, "HTTP/1.1", {}}, connection_);
    for (const auto& [name, value] : request.headers) transaction_.add_request_header(name, value);
    transaction_.run_request_headers();
    transaction_.run_request_body(request.body);
    Verdict verdict;
    for (const auto& match : transaction_.matches()) verdict.rules.insert(match.rule->id);
    verdict.score = transaction_.tx("anomaly_score");
    transaction_.run_logging();
    return verdict;
  }

 private:
  std::shared_ptr<const waf::RuleSet> rules_;
  std::shared_ptr<const waf::Program> program_;
  std::shared_ptr<const waf::Policy> policy_;
  waf::Transaction transaction_;
  waf::Connection connection_{*Endpoint::parse("203.0.113.9:4711"), *Endpoint::parse("127.0.0.1:80"), "4bf92f3577b34da6a3ce929d0e0e4736", ""};
};

class Theirs {
 public:
  explicit Theirs(int paranoia) {
    engine_.setServerLogCb(
        [](void* verdict, const void* message) {
          static_cast<Verdict*>(verdict)->rules.insert(static_cast<const modsecurity::RuleMessage*>(message)->m_ruleId);
        },
        modsecurity::RuleMessageLogProperty);
    std::string setup =
        "SecRuleEngine DetectionOnly\nSecAuditEngine Off\nSecPcreMatchLimit 100000\nSecPcreMatchLimitRecursion 100000\n"
        "SecRequestBodyLimit 13107200\nSecRequestBodyNoFilesLimit 13107200\n";
    setup += waf::base_rules();
    const std::string level = std::to_string(paranoia);
    setup += "SecAction \"id:900000,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level=" + level + ",setvar:tx.executing_paranoia_level=" + level + "\"\n";
    setup += "Include /etc/modsecurity/crs/crs-setup.conf\nInclude " + std::string(kCoreRules) + "/*.conf\n";
    if (rules_.load(setup.c_str()) < 0) throw std::runtime_error(rules_.getParserError());
  }

  Verdict run(const Request& request) {
    Verdict verdict;
    modsecurity::Transaction transaction(&engine_, &rules_, &verdict);
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

 private:
  modsecurity::ModSecurity engine_;
  modsecurity::RulesSet rules_;
};

/// A difference that is the reference's fault or our intent, recognised by what the verdicts become without its cause.
struct Explained {
  const char* reason;
  bool (*applies)(const Request& request, const Verdict& mine, const Verdict& reference);
  void (*remove_cause)(Request& request);
};

bool both_refuse_multipart(const Request& request, const Verdict& mine, const Verdict& reference) {
  constexpr std::int64_t kBodyError = 200002;
  return request.body.starts_with("--XYZ") && mine.rules.contains(kBodyError) && reference.rules.contains(kBodyError);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

/// A NUL by itself or written as %00, %2500 or %u00; what replaces it decodes to U+0001.
constexpr std::pair<std::string_view, std::string_view> kNuls[] = {{{"\0", 1}, "\x01"}, {"%00", "%01"}, {"%2500", "%2501"}, {"%u00", "%u01"}, {"%25u00", "%25u01"}, {"%25%30%30", "%25%30%31"}};

bool has_nul(const Request& request, const Verdict&, const Verdict&) {
  const std::string text = request.text();
  return std::any_of(std::begin(kNuls), std::end(kNuls), [&](const auto& nul) { return text.find(nul.first) != std::string::npos; });
}

void remove_nuls(Request& request) {
  for (const auto& [nul, other] : kNuls) {
    replace_all(request.target, nul, other);
    replace_all(request.body, nul, other);
    for (auto& [name, value] : request.headers) replace_all(value, nul, other);
  }
}

constexpr Explained kExplained[] = {
    {"both refuse the multipart body; ours shows the rules what was read before the fault, the reference nothing", both_refuse_multipart,
     [](Request& request) { request.body.clear(); }},
    {"the reference's t:cssDecode ends a value at its first NUL", has_nul, remove_nuls},
};

/// The reason, if the verdicts are the same once its cause is gone.
template <class Mine, class Reference>
const char* explanation(const Request& request, const Verdict& mine, const Verdict& reference, Mine& ours, Reference& theirs) {
  for (const Explained& entry : kExplained) {
    if (!entry.applies(request, mine, reference)) continue;
    Request without = request;
    entry.remove_cause(without);
    if (ours.run(without) == theirs.run(without)) return entry.reason;
  }
  return nullptr;
}

int wanted_requests() {
  const char* text = std::getenv("BULWARK_DIFFERENTIAL_REQUESTS");
  return text != nullptr ? std::atoi(text) : kDefaultRequests;
}

TEST(EngineAgainstReference, TheSameRulesMatchWithTheSameScore) {
  if (!std::filesystem::is_directory(kCoreRules)) GTEST_SKIP() << "no Core Rule Set in " << kCoreRules << "; install modsecurity-crs";
  const int wanted = wanted_requests();
  int compared = 0;
  int differences = 0;
  std::size_t matches = 0;
  std::map<std::string, int> explained;
  std::map<std::int64_t, int> only_ours;
  std::map<std::int64_t, int> only_theirs;
  for (const int paranoia : {1, 4}) {
    Ours ours(paranoia);
    Theirs theirs(paranoia);
    RequestGenerator generator(static_cast<unsigned>(paranoia));
    for (int i = 0; i < wanted / 2; ++i, ++compared) {
      const Request request = generator.next();
      const Verdict mine = ours.run(request);
      const Verdict reference = theirs.run(request);
      matches += reference.rules.size();
      if (mine == reference) continue;
      if (const char* reason = explanation(request, mine, reference, ours, theirs)) {
        ++explained[reason];
        continue;
      }
      ++differences;
      for (const auto rule : mine.rules) only_ours[rule] += reference.rules.contains(rule) ? 0 : 1;
      for (const auto rule : reference.rules) only_theirs[rule] += mine.rules.contains(rule) ? 0 : 1;
      if (differences > 40) continue;
      ADD_FAILURE() << "paranoia " << paranoia << "\n" << testing::PrintToString(request.text()) << "\nours      " << text_of(mine.rules) << "score " << mine.score
                    << "\nreference " << text_of(reference.rules) << "score " << reference.score;
    }
  }
  for (const auto& [rule, count] : only_ours) {
    if (count > 0) std::printf("only ours: %ld in %d\n", static_cast<long>(rule), count);
  }
  for (const auto& [rule, count] : only_theirs) {
    if (count > 0) std::printf("only reference: %ld in %d\n", static_cast<long>(rule), count);
  }
  for (const auto& [reason, count] : explained) std::printf("explained: %d: %s\n", count, reason.c_str());
  std::printf("engine: %d requests, %zu matches in the reference, %d unexplained differences\n", compared, matches, differences);
  EXPECT_EQ(differences, 0);
}

}  // namespace
}  // namespace bulwark::reference
