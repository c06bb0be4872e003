// Comments of SQL, HTML and C: removeComments, removeCommentsChar (only their marks) and replaceComments (by one space).
#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

constexpr auto kNone = std::string_view::npos;

bool has(std::string_view in, std::size_t at, std::string_view mark) { return in.substr(at).starts_with(mark); }

/// Behind the first end mark; either kind ends either comment. One pass, whatever the input.
std::size_t comment_end(std::string_view in, std::size_t from) {
  for (std::size_t at = find_any<'*', '-'>(in, from); at != kNone; at = find_any<'*', '-'>(in, at + 1)) {
    if (has(in, at, "*/")) return at + 2;
    if (has(in, at, "-->")) return at + 3;
  }
  return kNone;
}

}  // namespace

bool replace_comments(std::string_view in, std::string& out) {
  std::size_t at = in.find("/*");
  if (at == kNone) return false;
  for (std::size_t from = 0;; at = in.find("/*", from)) {
    out.append(in, from, at == kNone ? kNone : at - from);
    if (at == kNone) return true;
    out.push_back(' ');
    const std::size_t end = in.find("*/", at + 2);
    if (end == kNone) return true;
    from = end + 2;
  }
}

bool remove_comments_char(std::string_view in, std::string& out) {
  if (find_any<'/', '*', '<', '-', '#'>(in) == kNone) return false;
  for (std::size_t at = 0; at < in.size();) {
    if (has(in, at, "<!--")) {
      at += 4;
    } else if (has(in, at, "-->")) {
      at += 3;
    } else if (has(in, at, "/*") || has(in, at, "*/") || has(in, at, "--")) {
      at += 2;
    } else if (in[at] == '#') {
      at += 1;
    } else {
      out.push_back(in[at++]);
    }
  }
  return out.size() != in.size();
}

bool remove_comments(std::string_view in, std::string& out) {
  if (find_any<'/', '<', '-', '#'>(in) == kNone) return false;
  std::size_t at = 0;
  while (at < in.size()) {
    if (has(in, at, "--") || in[at] == '#') break;  // to the end of the value
    const std::size_t opening = has(in, at, "/*") ? 2 : has(in, at, "<!--") ? 4 : 0;
    if (opening == 0) {
      out.push_back(in[at++]);
      continue;
    }
    at = comment_end(in, at + opening);
    if (at == kNone) {
      out.push_back(' ');
      break;
    }
    // The byte after a comment is taken as it is, even if it would begin another one; behind the last byte the reference has a NUL.
    out.push_back(at < in.size() ? in[at] : '\0');
    ++at;
  }
  return out != in;
}

}  // namespace bulwark::waf::steps
