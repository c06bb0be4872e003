#include "waf/bodies/multipart_header.h"

#include <algorithm>

#include "waf/transforms/ascii.h"

namespace bulwark::waf {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::size_t kMaxContentType = 1023;
constexpr std::string_view kType = "multipart/form-data";
constexpr std::string_view kParameter = "boundary";

std::size_t find_ignoring_case(std::string_view text, std::string_view word, std::size_t from = 0) {
  for (; from + word.size() <= text.size(); ++from) {
    if (equals_ignoring_case(text.substr(from, word.size()), word)) return from;
  }
  return kNone;
}

/// How many parameters some reader could take for the boundary.
int count_boundaries(std::string_view text) {
  int count = 0;
  for (std::size_t at = find_ignoring_case(text, kParameter); at != kNone; at = find_ignoring_case(text, kParameter, at)) {
    at += kParameter.size();
    if (text.find('=', at) != kNone) ++count;
  }
  return count;
}

bool is_boundary_char(char c) { return is_alnum(c) || std::string_view("'()+_,-./:=?").find(c) != kNone; }

/// What stands between the type and the parameter's name: white space and one semicolon.
bool read_separator(std::string_view text, bool& semicolon) {
  for (const char c : text) {
    if (is_space(c)) continue;
    if (c != ';' || semicolon) return false;
    semicolon = true;
  }
  return true;
}

/// The value's quotes removed; nullopt-like empty with `ok` false if only one is there.
std::string_view unquoted(std::string_view value, bool& quoted, bool& ok) {
  quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  if (quoted) return value.substr(1, value.size() - 2);
  ok = !value.starts_with('"') && !(value.size() >= 2 && value.ends_with('"'));
  return value;
}

bool is_token_char(char c) { return c > 32 && c < 127 && std::string_view("()<>@,;:\\\"/[]?=").find(c) == kNone; }

}  // namespace

std::string_view multipart_boundary(std::string_view content_type, MultipartFlags& flags, std::string_view& message) {
  const auto fail = [&](std::string_view why) -> std::string_view {
    flags.error = true;
    message = why;
    return {};
  };
  if (content_type.size() > kMaxContentType) return fail("the Content-Type of the multipart body is too long");
  if (!equals_ignoring_case(content_type.substr(0, kType.size()), kType)) return fail("the body is not multipart/form-data");
  if (count_boundaries(content_type) > 1) return fail("Content-Type has several boundaries");
  const std::size_t name = find_ignoring_case(content_type, kParameter);
  if (name == kNone) return fail("Content-Type has no boundary");
  if (content_type.find(kParameter) != name) return fail("the boundary parameter in Content-Type is not in lower case");
  bool semicolon = false;
  if (name < kType.size() || !read_separator(content_type.substr(kType.size(), name - kType.size()), semicolon)) {
    return fail("the boundary in Content-Type is malformed");
  }
  flags.missing_semicolon = !semicolon;
  const std::size_t equals = content_type.find('=', name);
  if (equals == kNone) return fail("the boundary in Content-Type is malformed");
  for (std::size_t i = name + kParameter.size(); i < equals; ++i) {
    if (!is_space(content_type[i])) return fail("the boundary in Content-Type is malformed");
    flags.boundary_whitespace = true;
  }
  const std::string_view rest = content_type.substr(equals + 1);
  const std::string_view value = rest.substr(0, rest.find(';'));
  if (!value.empty() && is_space(value.front())) flags.boundary_whitespace = true;
  bool whole = true;
  const std::string_view boundary = unquoted(value, flags.boundary_quoted, whole);
  if (!whole) return fail("the boundary in Content-Type has one quote");
  if (boundary.empty()) return fail("the boundary in Content-Type is empty");
  if (count_boundaries(boundary) > 0) return fail("the boundary in Content-Type holds another");
  if (!std::all_of(boundary.begin(), boundary.end(), is_boundary_char)) {
    return fail("the boundary in Content-Type has invalid characters");
  }
  return boundary;
}

namespace {

/// A cursor over a Content-Disposition value.
class DispositionReader {
 public:
  DispositionReader(std::string_view text, TextArena& arena, MultipartFlags& flags) : text_(text), arena_(arena), flags_(flags) {}

  Disposition run() {
    Disposition out;
    if (!text_.starts_with("form-data")) return out;
    at_ = std::string_view("form-data").size();
    skip_blanks();
    while (!ended()) {
      if (text_[at_] != ';') {
        // A quote that closed too early: what follows would be read differently by others.
        if (text_[at_ - 1] == '\'' || text_[at_ - 1] == '"') flags_.invalid_quoting = true;
        return out;
      }
      ++at_;
      if (ended()) break;
      if (!read_parameter(out)) return out;
      skip_blanks();
    }
    out.valid = true;
    return out;
  }

 private:
  bool ended() const { return at_ >= text_.size(); }
  void skip_blanks() {
    while (!ended() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool read_parameter(Disposition& out) {
    skip_blanks();
    const std::size_t begin = at_;
    while (!ended() && text_[at_] != '=' && text_[at_] != '\t' && text_[at_] != ' ') ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (ended() || text_[at_] != '=') return false;
    ++at_;
    skip_blanks();
    if (ended()) return false;
    std::string_view value;
    if (text_[at_] == '"' || text_[at_] == '\'') {
      if (!read_quoted(text_[at_], value)) return false;
    } else {  // RFC 2616 §2.2
      const std::size_t from = at_;
      while (!ended() && is_token_char(text_[at_])) ++at_;
      value = text_.substr(from, at_ - from);
      if (value.find('\'') != kNone) flags_.invalid_quoting = true;
    }
    return keep(name, value, out);
  }

  bool read_quoted(char quote, std::string_view& value) {
    if (quote == '\'') flags_.invalid_quoting = true;  // some readers take it for a quote, the standard does not
    const std::size_t begin = ++at_;
    bool escaped = false;
    for (; !ended() && text_[at_] != quote; ++at_) {
      if (text_[at_] != '\\') continue;
      if (at_ + 1 >= text_.size()) return false;
      if (text_[at_ + 1] == quote || text_[at_ + 1] == '\\') {
        escaped = true;
        ++at_;
      }
    }
    if (ended()) return false;
    value = text_.substr(begin, at_ - begin);
    if (escaped) value = unescaped(value, quote);
    ++at_;
    return true;
  }

  std::string_view unescaped(std::string_view text, char quote) {
    char* const out = arena_.allocate(text.size());
    std::size_t size = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == quote || text[i + 1] == '\\')) ++i;
      out[size++] = text[i];
    }
    arena_.shrink(out, size);
    return {out, size};
  }

  bool keep(std::string_view name, std::string_view value, Disposition& out) {
    if (name == "name" && out.name.empty()) {
      out.name = value;
      return true;
    }
    if (name == "filename" && out.filename.empty()) {
      out.filename = value;
      return true;
    }
    return false;
  }

  std::string_view text_;
  TextArena& arena_;
  MultipartFlags& flags_;
  std::size_t at_ = 0;
};

}  // namespace

Disposition parse_disposition(std::string_view value, TextArena& arena, MultipartFlags& flags) {
  return DispositionReader(value, arena, flags).run();
}

}  // namespace bulwark::waf
