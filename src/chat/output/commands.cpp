// Lines that would hand over or destroy the machine of whoever pastes them: a script piped from the net into a shell, a reverse shell,
// an encoded PowerShell command, a disk wiped. Code that asks for review, not proof of an attack: monitored unless said.
#include <algorithm>
#include <array>

#include "chat/output/guards.h"

namespace bulwark::chat::output {

namespace {

constexpr std::size_t kMaxLine = 1'024;

/// All of `parts` in this order in one line.
struct Pattern {
  std::array<std::string_view, 3> parts;
};
constexpr std::array kPatterns = {
    Pattern{{"curl ", "|", "sh"}},           Pattern{{"wget ", "|", "sh"}},         Pattern{{"curl ", "|", "python"}},
    Pattern{{"base64 ", "-d", "| sh"}},      Pattern{{"base64 ", "-d", "| bash"}},  Pattern{{"rm ", "-rf ", "--no-preserve-root"}},
    Pattern{{"rm -rf /*", "", ""}},          Pattern{{"rm -rf ~", "", ""}},         Pattern{{"/dev/tcp/", "", ""}},
    Pattern{{"nc ", "-e ", "sh"}},           Pattern{{"powershell", " -enc", " "}}, Pattern{{"powershell", "downloadstring(", ""}},
    Pattern{{"iex", "(", "downloadstring"}}, Pattern{{"eval(atob(", "", ""}},       Pattern{{"dd ", "of=/dev/sd", ""}},
    Pattern{{":(){ :|:& };:", "", ""}},      Pattern{{"mkfs", " /dev/", ""}},       Pattern{{"chmod ", "777 /", ""}},
};

/// Where the pattern begins in the line, or npos.
std::size_t find(std::string_view line, const Pattern& pattern) {
  const std::size_t begin = line.find(pattern.parts[0]);
  std::size_t at = begin;
  for (const std::string_view part : pattern.parts) {
    at = at == std::string_view::npos ? at : line.find(part, at);
    if (at == std::string_view::npos) return at;
    at += part.size();
  }
  return begin;
}

/// Where a pattern may have begun that the line does not tell yet.
std::size_t find_start(std::string_view line, const Pattern& pattern) {
  const std::string_view first = pattern.parts[0];
  if (const std::size_t begin = line.find(first); begin != std::string_view::npos) return begin;
  for (std::size_t size = std::min(first.size() - 1, line.size()); size > 0; --size)
    if (line.ends_with(first.substr(0, size))) return line.size() - size;
  return std::string_view::npos;
}

class Commands final : public Guard {
 public:
  explicit Commands(bool holds) : holds_(holds) {}

  void look(const Window& window, Sight& sight) const override {
    std::string text(window.text);
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    std::size_t begin = text.rfind('\n', window.from == 0 ? 0 : window.from - 1);
    begin = begin == std::string::npos ? 0 : begin + (text[begin] == '\n' ? 1 : 0);
    while (begin < text.size()) {
      const std::size_t newline = text.find('\n', begin);
      const std::size_t end = std::min(newline, text.size());
      const std::string_view line = std::string_view(text).substr(begin, std::min(end - begin, kMaxLine));
      const bool grows = newline == std::string::npos && !window.last;
      for (const Pattern& pattern : kPatterns) {
        if (const std::size_t at = find(line, pattern); at != std::string_view::npos && !(grows && holds_))
          sight.hits.push_back({begin + at, end, "command"});
        if (!grows || !holds_ || line.size() == kMaxLine) continue;
        if (const std::size_t at = find_start(line, pattern); at != std::string_view::npos) sight.hold_from(begin + at);
      }
      if (newline == std::string::npos) break;
      begin = newline + 1;
    }
  }

 private:
  bool holds_;
};

}  // namespace

std::unique_ptr<Guard> make_commands(const Question& question) {
  const Mode mode = question.settings->commands;
  return std::make_unique<Commands>(mode == Mode::mask || mode == Mode::block);
}

}  // namespace bulwark::chat::output
