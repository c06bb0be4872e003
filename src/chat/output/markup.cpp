// HTML in an answer that a browser would act on, outside of code blocks: scripts, frames, forms, images of strange hosts, event
// handlers, addresses that run. Harmless tags (b, table, a link to a page) stay.
#include <algorithm>
#include <array>
#include <cctype>

#include "chat/output/guards.h"

namespace bulwark::chat::output {

namespace {

constexpr std::size_t kMaxTag = 1'024;
constexpr std::size_t kMaxName = 24;
constexpr std::size_t kNone = std::string_view::npos;
constexpr std::array<std::string_view, 22> kActive = {"script", "iframe",   "frame",  "frameset", "object", "embed",  "applet", "meta",
                                                      "base",   "link",     "style",  "form",     "input",  "button", "svg",    "math",
                                                      "portal", "template", "dialog", "textarea", "select", "marquee"};
constexpr std::array<std::string_view, 6> kLoading = {"img", "image", "video", "audio", "source", "track"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_name(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == ':'; }

struct Tag {
  std::size_t end = 0;  ///< behind ">"
  std::string name;
  std::string inside;  ///< lower case
  bool unfinished = false;
  bool cut_short = false;  ///< by the next "<"
};

Tag read_tag(std::string_view text, std::size_t at) {
  std::size_t i = at + 1;
  if (i < text.size() && text[i] == '/') ++i;
  if (i == text.size()) return {.unfinished = true};
  if (!is_letter(text[i])) return {};
  Tag tag;
  while (i < text.size() && is_name(text[i]) && tag.name.size() <= kMaxName) tag.name.push_back(lower(text[i++]));
  if (tag.name.size() > kMaxName) return {};
  char quote = 0;
  for (; i < text.size() && i - at < kMaxTag; ++i) {
    if (quote == 0 && text[i] == '>') break;
    if (quote == 0 && text[i] == '<') break;
    if (text[i] == '"' || text[i] == '\'') quote = quote == 0 ? text[i] : quote == text[i] ? '\0' : quote;
    tag.inside.push_back(lower(text[i]));
  }
  tag.unfinished = i == text.size();
  tag.cut_short = i < text.size() && text[i] == '<';
  tag.end = i < text.size() && text[i] == '>' ? i + 1 : i;
  return tag;
}

bool has_handler(std::string_view inside) {
  for (std::size_t at = inside.find("on"); at != std::string_view::npos; at = inside.find("on", at + 1)) {
    const char before = at == 0 ? ' ' : inside[at - 1];
    if (before > ' ' && before != '/' && before != '"' && before != '\'') continue;
    std::size_t end = at + 2;
    while (end < inside.size() && is_letter(inside[end])) ++end;
    while (end < inside.size() && inside[end] == ' ') ++end;
    if (end > at + 3 && end < inside.size() && inside[end] == '=') return true;
  }
  return false;
}

bool runs_address(std::string inside) {
  std::erase_if(inside, [](char c) { return c <= ' '; });  // "java\tscript:" runs as well
  for (const std::string_view scheme : {"javascript:", "vbscript:", "data:text/html", "data:image/svg", "&#", "srcdoc="})
    if (inside.find(scheme) != std::string::npos) return true;
  return false;
}

class Markup final : public Guard {
 public:
  explicit Markup(const Question& question) : question_(question) {}

  void look(const Window& window, Sight& sight) const override {
    const std::string_view text = window.text;
    const bool everywhere = question_.settings->shown_as == Rendering::html || !window.code;
    Fence fence = window.fence;
    Knot knot;
    for (std::size_t at = window.from; at < text.size(); fence.step(text[at++])) {
      const bool code = fence.open() && !everywhere;
      if (knot.over(text, at, code)) untie(knot, sight);
      if (code || text[at] != '<') continue;
      const Tag tag = read_tag(text, at);
      if (tag.unfinished && !window.last) return sight.hold_from(std::min(knot.begin, at));
      if (tag.name.empty()) continue;
      knot.begin = std::min(knot.begin, at);
      knot.cut_short = tag.cut_short;
      knot.end = std::max(knot.end, tag.end);
      knot.acts |= acts(tag);
    }
    if (!window.last && knot.cut_short) return sight.hold_from(knot.begin);
    untie(knot, sight);
  }

 private:
  /// Tags of which one begins inside another, by quotes that cross or by a "<" that cuts one short: with one of them taken out the others
  /// would be read differently, so they go together or not at all.
  struct Knot {
    std::size_t begin = kNone;
    std::size_t end = 0;
    bool cut_short = false;  ///< the last of them goes on behind what is taken out of it
    bool acts = false;

    bool over(std::string_view text, std::size_t at, bool code) {
      if (begin == kNone || at < end) return false;
      if (code || text[at] == '>' || at - begin > kMaxTag) cut_short = false;
      return !cut_short;
    }
  };

  static void untie(Knot& knot, Sight& sight) {
    if (knot.acts) sight.hits.push_back({knot.begin, knot.end, "markup"});
    knot = {};
  }

  bool acts(const Tag& tag) const {
    if (std::find(kActive.begin(), kActive.end(), tag.name) != kActive.end()) return true;
    if (has_handler(tag.inside) || runs_address(tag.inside)) return true;
    const bool loads = std::find(kLoading.begin(), kLoading.end(), tag.name) != kLoading.end() ||
                       tag.inside.find("background") != std::string::npos || tag.inside.find("url(") != std::string::npos;
    if (!loads) return false;
    for (std::size_t at = tag.inside.find("//"); at != std::string::npos; at = tag.inside.find("//", at + 2)) {
      std::string_view url = std::string_view(tag.inside).substr(at);
      url = url.substr(0, url.find_first_of(" \t\r\n\"'<>)"));
      if (!host_allowed(question_.settings->hosts, host_of(url))) return true;
    }
    return false;
  }

  const Question& question_;
};

}  // namespace

std::unique_ptr<Guard> make_markup(const Question& question) { return std::make_unique<Markup>(question); }

}  // namespace bulwark::chat::output
