// The WAF engine beside libmodsecurity 3, in one process, on the same requests and rules (CRS 3.3.4): CPU microseconds a
// transaction, interleaved so that both meet the same machine. Run by `make bench-waf`.
#include <fmt/format.h>
#include <modsecurity/modsecurity.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "waf/base_rules.h"
#include "waf/compiler/compiler.h"
#include "waf/engine/persistent.h"
#include "waf/rule_set.h"
#include "waf/transaction.h"

namespace {

using namespace bulwark;

struct Case {
  std::string name;
  double bar;  ///< times faster than the reference
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

std::vector<Case> cases() {
  const std::vector<std::pair<std::string, std::string>> browser{
      {"Host", "shop.example"},
      {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
      {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
      {"Accept-Language", "en-US,en;q=0.5"},
      {"Cookie", "session=8f14e45fceea167a5a36dedd4bea2543; theme=dark"}};
  const auto with_body = [&](const std::string& type, const std::string& body) {
    auto headers = browser;
    headers.emplace_back("Content-Type", type);
    headers.emplace_back("Content-Length", std::to_string(body.size()));
    return headers;
  };
  std::string json = R"({"customer":{"name":"Ada Lovelace","email":"ada@example.org","phone":"+44 20 7946 0958"},"items":[)";
  for (int i = 0; json.size() < 1900; ++i)
    json += fmt::format(R"({}{{"sku":"A-{:04}","title":"Blue running shoes, size {}","count":{},"price":{}.95,"gift":false}})",
                        i ? "," : "", i, 36 + i, i % 3 + 1, 49 + i);
  json += R"(],"note":"Please leave it at the front door."})";
  std::string form;
  for (int i = 0; form.size() < 10'000; ++i)
    form += fmt::format("{}field{}=The+quick+brown+fox+jumps+over+the+lazy+dog+number+{}%2C+and+again", i ? "&" : "", i, i);
  std::string ten = "/search?";
  for (int i = 0; i < 10; ++i) ten += fmt::format("{}arg{}=value+number+{}", i ? "&" : "", i, i);
  const std::string attack = "id=1+UNION+SELECT+username%2Cpassword+FROM+users--+-&page=1";
  return {
      {"small_get", 20, "GET", "/products/17", browser, ""},
      {"get_10_args", 10, "GET", ten, browser, ""},
      {"json_2k", 30, "POST", "/api/orders", with_body("application/json", json), json},
      {"form_10k", 10, "POST", "/account/profile", with_body("application/x-www-form-urlencoded", form), form},
      {"sqli_get", 10, "GET", "/products?" + attack, browser, ""},
      {"sqli_post", 10, "POST", "/login", with_body("application/x-www-form-urlencoded", attack), attack},
  };
}

class Ours {
 public:
  Ours(std::shared_ptr<const waf::RuleSet> rules, int paranoia) : rules_(std::move(rules)), program_(rules_->program("default")) {
    waf::RouteSettings settings;
    settings.paranoia_level = paranoia;
    policy_ = *waf::make_policy(*program_, settings);
  }
  bool run(const Case& given) {
    transaction_.begin(program_, policy_, &rules_->store());
    transaction_.set_request({given.method, given.target, "HTTP/1.1", {}}, connection_);
    for (const auto& [name, value] : given.headers) transaction_.add_request_header(name, value);
    transaction_.run_request_headers();
    transaction_.run_request_body(given.body);
    transaction_.run_logging();
    return transaction_.intervention() != nullptr;
  }

 private:
  std::shared_ptr<const waf::RuleSet> rules_;
  std::shared_ptr<const waf::Program> program_;
  std::shared_ptr<const waf::Policy> policy_;
  waf::Transaction transaction_;
  waf::Connection connection_{*Endpoint::parse("203.0.113.9:4711"), *Endpoint::parse("127.0.0.1:80"), "4bf92f3577b34da6a3ce929d0e0e4736",
                              ""};
};

class Reference {
 public:
  explicit Reference(int paranoia) {
    engine_.setServerLogCb([](void*, const void*) {}, modsecurity::TextLogProperty);
    std::string setup =
        "SecRuleEngine On\nSecAuditEngine Off\nSecPcreMatchLimit 100000\nSecPcreMatchLimitRecursion 100000\nSecRequestBodyLimit 13107200\nSecRequestBodyNoFilesLimit 1310720\n";
    setup += waf::base_rules();
    setup += fmt::format(
        "SecAction \"id:900000,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level={0},setvar:tx.executing_paranoia_level={0}\"\n",
        paranoia);
    setup += "Include /etc/modsecurity/crs/crs-setup.conf\nInclude /usr/share/modsecurity-crs/rules/*.conf\n";  // it has no IncludeOptional
    if (rules_.load(setup.c_str()) < 0) {
      std::fprintf(stderr, "libmodsecurity does not load the rules: %s\n", rules_.getParserError().c_str());
      std::exit(1);
    }
  }
  bool run(const Case& given) {
    modsecurity::Transaction transaction(&engine_, &rules_, nullptr);
    transaction.processConnection("203.0.113.9", 4711, "127.0.0.1", 80);
    transaction.processURI(given.target.c_str(), given.method.c_str(), "1.1");
    for (const auto& [name, value] : given.headers) transaction.addRequestHeader(name, value);
    transaction.processRequestHeaders();
    if (!given.body.empty()) transaction.appendRequestBody(reinterpret_cast<const unsigned char*>(given.body.data()), given.body.size());
    transaction.processRequestBody();
    modsecurity::ModSecurityIntervention intervention{};
    intervention.status = 200;
    const bool blocked = transaction.intervention(&intervention) != 0;
    free(intervention.log);
    free(intervention.url);
    transaction.processLogging();
    return blocked;
  }

 private:
  modsecurity::ModSecurity engine_;
  modsecurity::RulesSet rules_;
};

struct Timing {
  double median_us = 0;
  double worst_us = 0;
};

template <class Engine>
void measure(Engine& engine, const Case& given, int rounds, std::vector<double>& samples) {
  for (int i = 0; i < rounds; ++i) {
    const double start = cpu_us();
    engine.run(given);
    samples.push_back(cpu_us() - start);
  }
}

Timing summary(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  return {samples[samples.size() / 2], samples.back()};
}

void figure(const std::string& name, double value, std::string_view unit, double bar, bool at_least) {
  const bool met = at_least ? value >= bar : value <= bar;
  fmt::print("figure waf.{} {:.2f} {} goal {}{} {}\n", name, value, unit, at_least ? ">=" : "<=", bar, met ? "met" : "short");
}

void bench_loading() {
  const auto directory = std::filesystem::temp_directory_path() / fmt::format("bulwark_waf_bench_{}", ::getpid());
  waf::Settings settings;
  settings.cache_directory = directory.string();
  for (const bool cached : {false, true}) {
    const auto start = std::chrono::steady_clock::now();
    const auto loaded = waf::RuleSet::load(settings);
    if (!loaded) std::exit(1);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    figure(cached ? "load_cached" : "load_cold", seconds, "s", cached ? 1 : 5, false);
  }
  std::filesystem::remove_all(directory);
}

/// One case of ours alone, over and over, for a profiler: `waf_bench --profile json_2k 1 2000` (case, paranoia level, times).
int profile(const std::string& name, int paranoia, int times) {
  const auto rules = waf::RuleSet::load({});
  if (!rules) return 1;
  Ours ours(*rules, paranoia);
  for (const auto& given : cases())
    if (given.name == name)
      for (int i = 0; i < times; ++i) ours.run(given);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "--profile") return profile(argv[2], std::atoi(argv[3]), std::atoi(argv[4]));
  bench_loading();
  auto rules = waf::RuleSet::load({});
  if (!rules) {
    std::fprintf(stderr, "%s\n", rules.error().message.c_str());
    return 1;
  }
  double worst = 0;
  for (const int paranoia : {1, 2}) {
    Ours ours(*rules, paranoia);
    Reference reference(paranoia);
    for (const auto& given : cases()) {
      if (ours.run(given) != reference.run(given)) fmt::print("note waf.pl{}.{}: the engines decide differently\n", paranoia, given.name);
      std::vector<double> our_samples;
      std::vector<double> their_samples;
      for (int round = 0; round < 10; ++round) {
        measure(ours, given, 100, our_samples);
        measure(reference, given, 5, their_samples);
      }
      const Timing a = summary(our_samples);
      const Timing b = summary(their_samples);
      worst = std::max(worst, a.worst_us);
      fmt::print("cpu_us waf.pl{}.{} bulwark {:.1f} (worst {:.1f}) libmodsecurity {:.1f}\n", paranoia, given.name, a.median_us, a.worst_us,
                 b.median_us);
      figure(fmt::format("pl{}.{}", paranoia, given.name), b.median_us / a.median_us, "x", given.bar, true);
    }
  }
  figure("worst", worst / 1000, "ms", 20, false);
  return 0;
}
