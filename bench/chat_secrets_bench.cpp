// `make eval-secrets`: the recognisers of credentials on Nosey Parker's rule examples and on benign prompts. A negative example is
// one for its own rule only: where another rule of the set says that a credential stands there, finding it is right.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "chat/pii/recogniser.h"
#include "chat/training/dataset.h"

using namespace bulwark;
using namespace bulwark::chat;

namespace {

bool all_met = true;

void figure(std::string_view name, double value, std::string_view unit, std::string_view goal, bool met) {
  all_met &= met;
  fmt::print("figure {} {:.2f} {} goal {} {}\n", name, value, unit, goal, met ? "met" : "short");
}

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};

struct Rule {
  std::string name;
  bool secret = false;  ///< else an identifier: a bucket, a client id, a login name
  std::unique_ptr<pcre2_code, FreeCode> pattern;
  std::vector<std::string> positive;
  std::vector<std::string> negative;
};

std::vector<std::string> texts(const YAML::Node& list) {
  std::vector<std::string> out;
  for (const YAML::Node& each : list) out.push_back(each.as<std::string>());
  return out;
}

Rule read_rule(const YAML::Node& node) {
  Rule rule;
  rule.name = node["name"].as<std::string>();
  for (const YAML::Node& category : node["categories"]) rule.secret |= category.as<std::string>() == "secret";
  const auto pattern = node["pattern"].as<std::string>();
  int error = 0;
  PCRE2_SIZE where = 0;
  rule.pattern.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_MULTILINE, &error, &where, nullptr));
  if (!rule.pattern) fmt::print("note: the pattern of '{}' is not one PCRE2 reads\n", rule.name);
  rule.positive = texts(node["examples"]);
  rule.negative = texts(node["negative_examples"]);
  return rule;
}

std::vector<Rule> read_rules(const std::string& folder) {
  std::vector<Rule> rules;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const std::string& file : files)
    for (const YAML::Node& node : YAML::LoadFile(file)["rules"]) rules.push_back(read_rule(node));
  return rules;
}

std::vector<pii::Span> credentials(std::string_view text) {
  std::vector<pii::Span> spans;
  pii::recognise(text, pii::kAllKinds, spans);
  std::erase_if(spans, [](const pii::Span& span) { return span.kind != pii::Kind::secret && span.kind != pii::Kind::account; });
  return spans;
}

bool matches_at(const Rule& rule, std::string_view text, const pii::Span& span) {
  if (!rule.pattern) return false;
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(rule.pattern.get(), nullptr), pcre2_match_data_free);
  for (PCRE2_SIZE from = 0; from <= text.size();) {
    if (pcre2_match(rule.pattern.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from, 0, data.get(), nullptr) < 0)
      return false;
    const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(data.get());
    if (bounds[0] < span.end && bounds[1] > span.begin) return true;
    from = std::max(bounds[1], from + 1);
  }
  return false;
}

/// Whether something was found that no other rule says is there.
bool false_alarm(const std::vector<Rule>& rules, const Rule& own, const std::string& text) {
  for (const pii::Span& span : credentials(text)) {
    bool right = false;
    for (const Rule& rule : rules) right |= &rule != &own && matches_at(rule, text, span);
    if (right) continue;
    if (std::getenv("VERBOSE")) fmt::print("  {}: {}\n", own.name, text.substr(span.begin, span.end - span.begin));
    return true;
  }
  return false;
}

void examples(const std::vector<Rule>& rules) {
  std::size_t positive = 0;
  std::size_t found = 0;
  std::size_t secrets = 0;
  std::size_t secrets_found = 0;
  std::size_t negative = 0;
  std::size_t hits = 0;
  std::size_t alarms = 0;
  for (const Rule& rule : rules) {
    for (const std::string& text : rule.positive) {
      const bool hit = !credentials(text).empty();
      ++positive, found += hit;
      secrets += rule.secret, secrets_found += rule.secret && hit;
    }
    for (const std::string& text : rule.negative) {
      ++negative, hits += !credentials(text).empty();
      alarms += false_alarm(rules, rule, text);
    }
  }
  const auto share = [](std::size_t part, std::size_t all) { return 100.0 * static_cast<double>(part) / static_cast<double>(all); };
  fmt::print("{} of {} positive examples; {} of {} negative ones have some hit, {} of them where no other rule has one\n", found, positive,
             hits, negative, alarms);
  fmt::print("of rules for secrets alone: {} of {} = {:.1f} %\n", secrets_found, secrets, share(secrets_found, secrets));
  figure("secrets.positive", share(found, positive), "%", ">=95", share(found, positive) >= 95);
  figure("secrets.negative", share(alarms, negative), "%", "<=5", share(alarms, negative) <= 5);
}

int benign(const std::string& folder) {
  std::size_t rows = 0;
  std::size_t secret = 0;
  std::size_t account = 0;
  for (const std::string_view part : {"train", "dev", "test"}) {
    const auto set = training::load_examples(fmt::format("{}/{}.jsonl", folder, part));
    if (!set.ok()) return fmt::print("skipped: {}\n", set.error().message), 77;
    for (const training::Example& each : *set) {
      if (each.attack) continue;
      ++rows;
      const auto spans = credentials(each.text);
      secret += std::any_of(spans.begin(), spans.end(), [](const pii::Span& span) { return span.kind == pii::Kind::secret; });
      account += std::any_of(spans.begin(), spans.end(), [](const pii::Span& span) { return span.kind == pii::Kind::account; });
    }
  }
  fmt::print("{} benign prompts and documents\n", rows);
  figure("secrets.benign", static_cast<double>(secret), "prompts", "0", secret == 0);
  figure("secrets.benign.accounts", static_cast<double>(account), "prompts", "<=3 (off by default)", account <= 3);
  return 0;
}

}  // namespace

int main() {
  const char* data = std::getenv("BULWARK_DATA");
  const std::string folder = std::string(data ? data : "../shared/data") + "/chat";
  if (!std::filesystem::exists(folder + "/secrets/noseyparker")) {
    fmt::print("skipped: no {}/secrets/noseyparker (set BULWARK_DATA to the folder of data sets)\n", folder);
    return 77;
  }
  examples(read_rules(folder + "/secrets/noseyparker"));
  if (const int code = benign(folder)) return code;
  return all_met ? 0 : 2;
}
