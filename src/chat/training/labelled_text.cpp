// Both forms are turned into bytes and kinds; whatever has no kind of ours is plain text.
#include "chat/training/labelled_text.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "wire/json/reader.h"

namespace bulwark::chat::training {

namespace {

using pii::Kind;

constexpr std::size_t kMaxFile = 64 * 1024 * 1024;

struct Named {
  std::string_view name;
  Kind kind;
};
constexpr Named kEntities[] = {{"PERSON", Kind::person},
                               {"ORGANIZATION", Kind::organisation},
                               {"LOCATION", Kind::location},
                               {"GPE", Kind::location},
                               {"ADDRESS", Kind::address},
                               {"STREET_ADDRESS", Kind::address},
                               {"ZIP_CODE", Kind::address},
                               {"DATE_TIME", Kind::date},
                               {"AGE", Kind::age},
                               {"NRP", Kind::group},
                               {"PHONE_NUMBER", Kind::phone},
                               {"CREDIT_CARD", Kind::card},
                               {"EMAIL_ADDRESS", Kind::email},
                               {"IP_ADDRESS", Kind::ip},
                               {"US_SSN", Kind::ssn},
                               {"DOMAIN_NAME", Kind::url},
                               {"IBAN_CODE", Kind::iban}};
constexpr Named kTags[] = {{"person", Kind::person},
                           {"PER", Kind::person},
                           {"location", Kind::location},
                           {"LOC", Kind::location},
                           {"LOCderiv", Kind::group},
                           {"organisation", Kind::organisation},
                           {"corporation", Kind::organisation},
                           {"ORG", Kind::organisation}};

template <std::size_t n>
std::optional<Kind> kind_named(const Named (&list)[n], std::string_view name) {
  for (const Named& each : list)
    if (each.name == name) return each.kind;
  return std::nullopt;
}

/// Byte offsets of each code point, and the end.
std::vector<std::size_t> code_points(std::string_view text) {
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80) at.push_back(i);
  at.push_back(text.size());
  return at;
}

/// "My name is {{person}}" and "my name is {{PERSON}}" are one template.
std::string pattern_of(std::string_view masked) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < masked.size(); ++i) {
    const char c = masked[i];
    if (c == '{') inside = true;
    if (!inside && (c | 0x20) >= 'a' && (c | 0x20) <= 'z') out.push_back(static_cast<char>(c | 0x20));
    if (c == '}') {
      inside = false;
      if (out.empty() || out.back() != '#') out.push_back('#');
    }
  }
  return out;
}

LabelledText sentence_of(const json::Value& row) {
  LabelledText out;
  out.text = row.text("full_text");
  out.pattern = pattern_of(row.text("masked"));
  const std::vector<std::size_t> at = code_points(out.text);
  const auto spans = row.find("spans");
  if (!spans) return out;
  for (const json::Value& span : *spans) {
    const auto kind = kind_named(kEntities, span.text("entity_type"));
    const auto begin = span.find("start_position");
    const auto end = span.find("end_position");
    if (!kind || !begin || !end) continue;
    const auto from = static_cast<std::size_t>(begin->integer().value_or(0));
    const auto to = static_cast<std::size_t>(end->integer().value_or(0));
    if (from >= to || to >= at.size()) continue;
    const std::size_t skip = *kind == Kind::person ? salutation(std::string_view(out.text).substr(at[from], at[to] - at[from])) : 0;
    if (at[from] + skip < at[to]) out.spans.push_back({at[from] + skip, at[to], *kind});
  }
  std::sort(out.spans.begin(), out.spans.end(), [](const pii::Span& a, const pii::Span& b) { return a.begin < b.begin; });
  return out;
}

std::string_view field(std::string_view line, std::size_t column) {
  for (; column > 0; --column) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return {};
    line.remove_prefix(tab + 1);
  }
  return line.substr(0, line.find_first_of("\t\r"));
}

void append_word(LabelledText& out, std::string_view word, std::string_view tag) {
  const bool tight = word == "." || word == "," || word == "!" || word == "?" || word == ":" || word == "'s";
  if (!out.text.empty() && !tight) out.text.push_back(' ');
  const std::size_t begin = out.text.size();
  out.text.append(word);
  const std::size_t dash = tag.find('-');
  if (dash == std::string_view::npos) return;
  if (const auto kind = kind_named(kTags, tag.substr(dash + 1))) out.spans.push_back({begin, out.text.size(), *kind});
}

}  // namespace

Result<std::vector<LabelledText>> load_sentences(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return config_error("cannot read " + path);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto document = json::Document::parse(bytes, {.max_bytes = kMaxFile});
  if (!document.ok()) return config_error(path + ": " + document.error().message);
  std::vector<LabelledText> out;
  for (const json::Value& row : document->root()) out.push_back(sentence_of(row));
  return out;
}

Result<std::vector<LabelledText>> load_conll(const std::string& path, std::size_t word_column, std::size_t tag_column) {
  std::ifstream file(path);
  if (!file) return config_error("cannot read " + path);
  std::vector<LabelledText> out(1);
  for (std::string line; std::getline(file, line);) {
    const std::string_view word = field(line, word_column);
    if (!word.empty() && !line.starts_with("#\t"))
      append_word(out.back(), word, field(line, tag_column));
    else if (!out.back().text.empty())
      out.emplace_back();
  }
  if (out.back().text.empty()) out.pop_back();
  for (LabelledText& each : out) each.names_only = true;
  return out;
}

std::size_t salutation(std::string_view name) {
  constexpr std::string_view kSalutations[] = {"mr", "mrs", "ms", "dr", "miss", "prof", "sir", "herr", "frau", "pan"};
  std::size_t skip = 0;
  for (bool more = true; more;) {
    more = false;
    const std::string_view word = name.substr(skip, name.substr(skip).find_first_of(". "));
    for (const std::string_view each : kSalutations) {
      const auto same = [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b | 0x20 : b); };
      if (!std::equal(each.begin(), each.end(), word.begin(), word.end(), same)) continue;
      skip = std::min(name.size(), name.find_first_not_of(". ", skip + word.size()));
      more = skip < name.size();
    }
  }
  return skip;
}

bool held_out(const LabelledText& sentence) {
  std::uint32_t hash = 0x811c9dc5;
  for (char c : sentence.pattern) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
  return (hash ^ hash >> 16) % 4 == 0;
}

Result<std::vector<std::string>> load_lines(const std::string& path) {
  std::ifstream file(path);
  if (!file) return config_error("cannot read " + path);
  std::vector<std::string> out;
  for (std::string line; std::getline(file, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

}  // namespace bulwark::chat::training
