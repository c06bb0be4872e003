// JSON lines into examples.
#include "chat/training/dataset.h"

#include <fmt/format.h>

#include <fstream>

#include "wire/json/reader.h"

namespace bulwark::chat::training {

Result<std::vector<Example>> load_examples(const std::string& path) {
  std::ifstream file(path);
  if (!file) return config_error("cannot read " + path);
  std::vector<Example> all;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    if (all.size() == kMaxExamples || line.size() > kMaxLineBytes) return config_error(fmt::format("{}:{}: past the limit", path, number));
    const auto document = json::Document::parse(line);
    if (!document.ok()) return config_error(fmt::format("{}:{}: {}", path, number, document.error().message));
    const json::Value row = document->root();
    const auto label = row.find("label");
    if (!label || !label->integer() || row.text("text").empty())
      return config_error(fmt::format("{}:{}: no label or no text", path, number));
    all.push_back({std::string(row.text("src")), std::string(row.text("sub")), *label->integer() == 1, row.text("chan") == "indirect",
                   std::string(row.text("text")), number});
  }
  return all;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) all.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

}  // namespace bulwark::chat::training
