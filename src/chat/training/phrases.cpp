// Patterns take turns, so that one with many alternatives does not crowd out the others.
#include "chat/training/phrases.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/utf8.h"

namespace bulwark::chat::training {

namespace {

constexpr std::uint32_t kSeed = 11;
constexpr std::size_t kMaxPatterns = 10'000;
constexpr std::size_t kRoundsWithoutNews = 40;  // after so many rounds that brought nothing new, there is nothing new

struct Patterns {
  std::vector<std::string> attacks;
  std::vector<std::string> honest;
};

Result<Patterns> read_patterns(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) return config_error("cannot read " + path.string());
  Patterns patterns;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    const bool marked = line.size() > 2 && (line[0] == '+' || line[0] == '-') && line[1] == ' ';
    const bool paired = std::count(line.begin(), line.end(), '{') == std::count(line.begin(), line.end(), '}');
    if (!marked || !paired || !utf8_valid(line) || patterns.attacks.size() + patterns.honest.size() == kMaxPatterns)
      return config_error(fmt::format("{}:{}: a line is '+ attack' or '- honest turn', with braces in pairs", path.string(), number));
    (line[0] == '+' ? patterns.attacks : patterns.honest).push_back(line.substr(2));
  }
  return patterns;
}

void take(const std::vector<std::string>& patterns, std::size_t count, bool attack, const std::string& language,
          std::vector<Example>& out) {
  std::mt19937 random(kSeed);
  std::set<std::string> seen;
  for (std::size_t idle = 0; idle < kRoundsWithoutNews && seen.size() < count; ++idle)
    for (const std::string& pattern : patterns) {
      std::string text = expand(pattern, random);
      if (seen.size() == count || !seen.insert(text).second) continue;
      idle = 0;
      out.push_back({"phrases", language, attack, false, std::move(text)});
    }
}

}  // namespace

std::string expand(std::string_view pattern, std::mt19937& random) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t open = std::min(pattern.find('{', at), pattern.size());
    out.append(pattern.substr(at, open - at));
    const std::size_t close = pattern.find('}', open);
    if (close == std::string_view::npos) return out.append(pattern.substr(open));
    std::string_view choice = pattern.substr(open + 1, close - open - 1);
    for (auto skip = random() % (1U + static_cast<unsigned>(std::count(choice.begin(), choice.end(), '|'))); skip > 0; --skip)
      choice.remove_prefix(choice.find('|') + 1);
    out.append(choice.substr(0, choice.find('|')));
    at = close + 1;
  }
  return out;
}

Result<std::vector<Example>> load_phrases(const std::string& folder, std::size_t attacks, std::size_t honest) {
  std::vector<std::filesystem::path> files;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  if (failed || files.empty()) return config_error("no phrase files in " + folder);
  std::sort(files.begin(), files.end());
  std::vector<Example> all;
  for (const auto& file : files) {
    const Patterns patterns = TRY(read_patterns(file));
    take(patterns.attacks, attacks, true, file.stem().string(), all);
    take(patterns.honest, honest, false, file.stem().string(), all);
  }
  return all;
}

}  // namespace bulwark::chat::training
