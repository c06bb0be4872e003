// Every technique with every seed, one request after another: the guard under test keeps its own pace.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "chat/redteam.h"
#include "chat/redteam/technique.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::chat::redteam {

namespace {

constexpr std::size_t kMaxSeeds = 10'000;
constexpr std::size_t kMaxSeedBytes = 64 * 1024;

Result<std::vector<Seed>> read_seeds(const std::string& file) {
  if (file.empty()) return built_in_attacks();
  std::ifstream in(file);
  if (!in) return config_error("cannot read the seeds " + file);
  std::vector<Seed> seeds;
  for (std::string line; std::getline(in, line) && seeds.size() < kMaxSeeds;)
    if (!line.empty()) seeds.push_back({line.substr(0, kMaxSeedBytes), {}});
  if (seeds.empty()) return config_error("no seeds in " + file);
  return seeds;
}

std::string request(const std::vector<Turn>& turns, const std::string& model) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().field("model", model).field("max_tokens", 16).key("messages").begin_array();
  for (const Turn& turn : turns) {
    writer.begin_object().field("role", turn.role);
    if (turn.role == "tool") writer.field("tool_call_id", "call_1");
    writer.field("content", turn.text).end_object();
  }
  writer.end_array().end_object();
  return body;
}

enum class Outcome : std::uint8_t { answered, refused, failed };

/// A refusal of the guard says so with a code; any other error is the model's or the way there.
Outcome outcome(const Reply& reply) {
  if (reply.status >= 200 && reply.status < 300) return Outcome::answered;
  const auto document = json::Document::parse(reply.body);
  const auto error = document.ok() ? document->root().find("error") : std::nullopt;
  if (reply.status == 403 && error && error->text("code").ends_with("_blocked")) return Outcome::refused;
  return Outcome::failed;
}

Result<void> run(const Technique& technique, const std::vector<Seed>& seeds, const Options& options, const Send& send, std::uint32_t& sent,
                 std::uint32_t& refused, std::uint32_t& failed) {
  for (const Seed& seed : seeds)
    for (const auto& turns : technique.make(seed, technique.name)) {
      const Outcome what = outcome(TRY(send(request(turns, options.model))));
      failed += what == Outcome::failed;
      sent += what != Outcome::failed;
      refused += what == Outcome::refused;
    }
  return {};
}

double share(std::uint32_t part, std::uint32_t whole) { return whole == 0 ? 0 : static_cast<double>(part) / whole; }

}  // namespace

Result<Report> attack(const Options& options, const Send& send) {
  const std::vector<Seed> seeds = TRY(read_seeds(options.seeds));
  Report report;
  for (const Technique& technique : techniques()) {
    if (!options.only.empty() && options.only != technique.name) continue;
    Line line;
    line.technique = technique.name;
    TRY(run(technique, seeds, options, send, line.attacks, line.blocked, line.failed));
    TRY(run(technique, honest_prompts(), options, send, line.honest, line.refused, line.failed));
    line.met = (line.attacks == 0 || share(line.blocked, line.attacks) >= options.min_blocked) &&
               (line.honest == 0 || share(line.refused, line.honest) <= options.max_refused) && line.failed == 0;
    report.met &= line.met;
    report.lines.push_back(line);
  }
  if (!report.lines.empty()) return report;
  std::string names;
  for (const Technique& technique : techniques()) names.append(names.empty() ? "" : ", ").append(technique.name);
  return config_error("no technique is named '" + options.only + "'; there are: " + names);
}

std::string table(const Report& report) {
  std::string text = fmt::format("{:<14} {:>8} {:>8} {:>7}   {:>7} {:>8} {:>7}  {}\n", "technique", "attacks", "blocked", "share", "honest",
                                 "refused", "failed", "");
  for (const Line& line : report.lines)
    text += fmt::format("{:<14} {:>8} {:>8} {:>6.1f}%   {:>7} {:>8} {:>7}  {}\n", line.technique, line.attacks, line.blocked,
                        100 * share(line.blocked, line.attacks), line.honest, line.refused, line.failed, line.met ? "met" : "short");
  return text;
}

}  // namespace bulwark::chat::redteam
