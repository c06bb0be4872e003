// What the two runners send for the same words. Both complete headers and encode forms, each in its own way.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "waf/regression/suite.h"
#include "waf/seclang/text.h"
#include "waf/transforms/transform.h"

namespace bulwark::waf::regression {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

bool has_header(const Input& input, std::string_view name) {
  return std::any_of(input.headers.begin(), input.headers.end(), [&](const auto& header) { return same_text(header.first, name); });
}

std::string header_value(const Input& input, std::string_view name) {
  for (const auto& [key, value] : input.headers)
    if (same_text(key, name)) return value;
  return {};
}

std::string query_escaped(std::string_view text) {
  std::string encoded;
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '_' || c == '.' || c == '-' || c == '~')
      encoded.push_back(static_cast<char>(c));
    else if (c == ' ')
      encoded.push_back('+');
    else
      encoded += fmt::format("%{:02X}", c);
  }
  return encoded;
}

/// ftw encodes the values of a form that is not encoded yet, and drops those without a value, as Python's parse_qsl does.
std::string form_of_ftw(const std::string& data) {
  std::string decoded;
  if (data.find('=') == std::string::npos || (data.find('%') != std::string::npos && apply(Transform::url_decode, data, decoded)))
    return data;
  std::string out;
  for (std::size_t from = 0; from <= data.size();) {
    const std::size_t end = std::min(data.find('&', from), data.size());
    std::string pair = data.substr(from, end - from);
    from = end + 1;
    const std::size_t equals = pair.find('=');
    if (pair.empty() || equals == std::string::npos || equals + 1 == pair.size()) continue;
    std::replace(pair.begin(), pair.end(), '+', ' ');
    out += (out.empty() ? "" : "&") + query_escaped(pair.substr(0, equals)) + '=' + query_escaped(pair.substr(equals + 1));
  }
  return out.empty() ? data : out;
}

/// go-ftw encodes a form unless decoding it would change it or fail, and keeps every pair.
std::string form_of_go_ftw(const std::string& data) {
  if (data.find_first_of("%+") != std::string::npos) return data;
  std::string out;
  for (std::size_t from = 0; from < data.size();) {
    const std::size_t end = std::min(data.find('&', from), data.size());
    const std::string_view pair = std::string_view(data).substr(from, end - from);
    from = end + 1;
    const std::size_t equals = pair.find('=');
    out += query_escaped(pair.substr(0, equals));
    if (equals != std::string_view::npos) out += '=' + query_escaped(pair.substr(equals + 1));
    out += '&';
  }
  if (!out.empty()) out.pop_back();
  return out;
}

/// YAML gives LF where a multipart body needs CRLF; go-ftw replaces each.
std::string with_crlf(const std::string& data) {
  std::string out;
  for (const char c : data) {
    if (c == '\n') out.push_back('\r');
    out.push_back(c);
  }
  return out;
}

bool has_body(const std::string& method) { return method == "POST" || method == "PUT" || method == "PATCH" || method == "DELETE"; }

}  // namespace

std::string request_bytes(const Input& input) {
  if (!input.raw_request.empty()) return input.raw_request;
  const bool go = input.runner == Runner::go_ftw;
  std::string out = input.method + ' ' + input.uri + ' ' + input.version + "\r\n";
  std::string data = input.data;
  for (const auto& [name, value] : input.headers) out += name + ": " + value + "\r\n";
  if (input.complete_headers && !data.empty()) {
    if (!has_header(input, "content-type")) out += fmt::format("Content-Type: {}\r\n", kForm);
    if (!has_header(input, "content-type") || header_value(input, "content-type") == kForm)
      data = go ? form_of_go_ftw(data) : form_of_ftw(data);
  }
  if (go && header_value(input, "content-type").find("multipart/form-data;") != std::string::npos) data = with_crlf(data);
  if (input.complete_headers) {
    const bool sized = has_header(input, "content-length") || has_header(input, "transfer-encoding");
    if (!sized && (!data.empty() || (go && has_body(input.method)))) out += fmt::format("Content-Length: {}\r\n", data.size());
    if (!has_header(input, "connection")) out += "Connection: close\r\n";
  }
  return out + "\r\n" + data;
}

}  // namespace bulwark::waf::regression
