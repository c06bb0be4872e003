#include "waf/operators/xss/detector.h"

#include <algorithm>

#include "waf/operators/xss/html_tokenizer.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf::xss {
namespace {

/// What an attribute's value may do.
enum class Danger : std::uint8_t {
  none,
  always,    ///< runs script whatever it says
  url,       ///< runs script if it is a script URL
  style,     ///< may hold expressions
  indirect,  ///< names another attribute
};

constexpr std::string_view kTags[] = {"APPLET", "BASE",   "COMMENT", "EMBED",    "FRAME",    "FRAMESET", "HANDLER",
                                      "IFRAME", "IMPORT", "ISINDEX", "LINK",     "LISTENER", "META",     "NOSCRIPT",
                                      "OBJECT", "SCRIPT", "STYLE",   "VMLFRAME", "XML",      "XSS"};

constexpr std::pair<std::string_view, Danger> kAttributes[] = {
    {"ACTION", Danger::url},
    {"ATTRIBUTENAME", Danger::indirect},
    {"BACKGROUND", Danger::url},
    {"BY", Danger::url},
    {"DATAFORMATAS", Danger::always},
    {"DATASRC", Danger::always},
    {"DYNSRC", Danger::url},
    {"FILTER", Danger::style},
    {"FOLDER", Danger::url},
    {"FORMACTION", Danger::url},
    {"FROM", Danger::url},
    {"HANDLER", Danger::url},
    {"HREF", Danger::url},
    {"LOWSRC", Danger::url},
    {"POSTER", Danger::url},
    {"SRC", Danger::url},
    {"STYLE", Danger::style},
    {"TO", Danger::url},
    {"VALUES", Danger::url},
    {"XLINK:HREF", Danger::url},
};

constexpr std::string_view kSchemes[] = {"DATA", "VIEW-SOURCE", "JAVA", "VBSCRIPT"};

/// Whether `text` is `name` (in upper case), in any case and with NULs strewn in, which old browsers skip.
bool is_name(std::string_view text, std::string_view name) {
  std::size_t matched = 0;
  for (const char c : text) {
    if (c == '\0') continue;
    if (matched == name.size() || upper(c) != name[matched]) return false;
    ++matched;
  }
  return matched == name.size();
}

bool is_dangerous_tag(std::string_view tag) {
  if (tag.size() < 3) return false;
  if (std::any_of(std::begin(kTags), std::end(kTags), [&](std::string_view name) { return is_name(tag, name); })) return true;
  return equals_ignoring_case(tag.substr(0, 3), "svg") || equals_ignoring_case(tag.substr(0, 3), "xsl");
}

Danger danger_of(std::string_view attribute) {
  if (attribute.size() < 2) return Danger::none;
  if (attribute.size() >= 5) {
    if (equals_ignoring_case(attribute.substr(0, 2), "on")) return Danger::always;
    // A namespace can make a tag of any name.
    if (is_name(attribute.substr(0, 5), "XMLNS") || is_name(attribute.substr(0, 5), "XLINK")) return Danger::always;
  }
  for (const auto& [name, danger] : kAttributes) {
    if (is_name(attribute, name)) return danger;
  }
  return Danger::none;
}

/// The next character of an attribute value, with numeric references decoded; removes it from `text`.
int take_character(std::string_view& text) {
  constexpr int kMost = 0x1000ff;
  const auto as_it_is = [&text] {
    const int c = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    return c;
  };
  if (!text.starts_with("&#")) return as_it_is();
  const bool hexadecimal = text.size() > 2 && lower(text[2]) == 'x';
  const std::size_t first = hexadecimal ? 3 : 2;
  const auto is_part = [hexadecimal](char c) { return hexadecimal ? is_hex(c) : is_digit(c); };
  if (first >= text.size() || !is_part(text[first])) return as_it_is();
  int value = 0;
  std::size_t at = first;
  for (; at < text.size() && is_part(text[at]); ++at) {
    value = value * (hexadecimal ? 16 : 10) + static_cast<int>(hex_value(text[at]));
    if (value > kMost) return as_it_is();
  }
  text.remove_prefix(at < text.size() && text[at] == ';' ? at + 1 : at);
  return value;
}

bool begins_with_scheme(std::string_view url, std::string_view scheme) {
  std::size_t matched = 0;
  bool beginning = true;
  while (!url.empty() && matched < scheme.size()) {
    const int c = take_character(url);
    if (beginning && c <= 32) continue;
    beginning = false;
    if (c == 0 || c == '\n') continue;  // skipped by browsers wherever they stand
    const int folded = c >= 'a' && c <= 'z' ? c - 32 : c;
    if (static_cast<char>(folded) != scheme[matched]) return false;  // the low byte counts, as in the reference
    ++matched;
  }
  return matched == scheme.size();
}

/// Control, space and all but ASCII is skipped in front, as some browsers do.
bool is_script_url(std::string_view url) {
  while (!url.empty() && (static_cast<unsigned char>(url.front()) <= 32 || static_cast<unsigned char>(url.front()) >= 127))
    url.remove_prefix(1);
  return std::any_of(std::begin(kSchemes), std::end(kSchemes), [&](std::string_view scheme) { return begins_with_scheme(url, scheme); });
}

bool is_dangerous_value(Danger danger, std::string_view value) {
  switch (danger) {
    case Danger::none: return false;
    case Danger::always:
    case Danger::style: return true;
    case Danger::url: return is_script_url(value);
    case Danger::indirect: return danger_of(value) != Danger::none;
  }
  return false;
}

/// Internet Explorer's conditional comments, its backtick ends, <?xml, <?import and entity declarations.
bool is_dangerous_comment(std::string_view text) {
  if (text.find('`') != std::string_view::npos) return true;
  const std::string_view beginning = text.substr(0, 3);
  if (text.size() > 3 && (equals_ignoring_case(beginning, "[if") || equals_ignoring_case(beginning, "xml"))) return true;
  return text.size() > 5 && (is_name(text.substr(0, 6), "IMPORT") || is_name(text.substr(0, 6), "ENTITY"));
}

bool detect_at(std::string_view value, Place place) {
  HtmlTokenizer tokenizer(value, place);
  HtmlToken token;
  std::string_view attribute;  // the one whose value comes next
  while (tokenizer.next(token)) {
    switch (token.kind) {
      case Kind::doctype: return true;
      case Kind::tag_open:
        if (is_dangerous_tag(token.text)) return true;
        break;
      case Kind::comment:
        if (is_dangerous_comment(token.text)) return true;
        break;
      case Kind::attribute_value:
        if (is_dangerous_value(danger_of(attribute), token.text)) return true;
        break;
      default: break;
    }
    attribute = token.kind == Kind::attribute_name ? token.text : std::string_view{};
  }
  return false;
}

}  // namespace

bool detect(std::string_view value) {
  const auto has = [value](char c) { return value.find(c) != std::string_view::npos; };
  // A tag, comment or doctype needs `<`, a dangerous attribute needs `=`; text without `<` is only text, and a quoted value goes on to
  // its end unless the quote comes again.
  const bool tag = has('<');
  if (!tag && !has('=')) return false;
  return (tag && detect_at(value, Place::text)) || detect_at(value, Place::unquoted_value) ||
         (has('\'') && detect_at(value, Place::single_quoted_value)) || (has('"') && detect_at(value, Place::double_quoted_value)) ||
         (has('`') && detect_at(value, Place::backtick_value));
}

}  // namespace bulwark::waf::xss
