// Lines end in LF, with or without CR before it.
#include "waf/raw_request.h"

namespace bulwark::waf {
namespace {

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

RawRequest take_apart(std::string_view bytes) {
  RawRequest request;
  request.line = next_line(bytes);
  const std::size_t first = request.line.find(' ');
  request.method = request.line.substr(0, first);
  if (first != std::string_view::npos) {
    const std::size_t last = request.line.rfind(' ');
    const std::string_view tail = request.line.substr(last + 1);
    if (last > first && tail.starts_with("HTTP")) {
      request.target = request.line.substr(first + 1, last - first - 1);
      request.protocol = tail;
    } else {
      request.target = request.line.substr(first + 1);
    }
  }
  while (!bytes.empty()) {
    const std::string_view line = next_line(bytes);
    if (line.empty()) {
      request.body = bytes;
      break;
    }
    if ((line.front() == ' ' || line.front() == '\t') && !request.headers.empty()) {
      request.headers.back().second.append(" ").append(trimmed(line));
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || request.headers.size() == RawRequest::kMaxHeaders) continue;
    request.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return request;
}

}  // namespace bulwark::waf
