// YAML to test cases.
#include "waf/regression/suite.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "waf/operators/operator.h"
#include "waf/seclang/text.h"
#include "waf/transforms/transform.h"

namespace bulwark::waf::regression {
namespace {

std::string text_of(const YAML::Node& node) { return node.IsDefined() && node.IsScalar() ? node.Scalar() : std::string(); }

std::vector<int> numbers_of(const YAML::Node& node) {
  std::vector<int> out;
  if (node.IsScalar())
    out.push_back(node.as<int>());
  else if (node.IsSequence())
    for (const auto& each : node) out.push_back(each.as<int>());
  return out;
}

std::vector<std::uint64_t> ids_of(const YAML::Node& node) {
  std::vector<std::uint64_t> out;
  if (node.IsDefined() && node.IsSequence())
    for (const auto& each : node) out.push_back(each.as<std::uint64_t>());
  return out;
}

std::string data_of(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) return {};
  if (!node.IsSequence()) return text_of(node);
  std::string joined;
  for (const auto& line : node) joined.append(joined.empty() ? "" : "\r\n").append(text_of(line));
  return joined;
}

Input input_of(const YAML::Node& node) {
  Input input;
  if (const auto method = node["method"]) input.method = text_of(method);
  if (const auto uri = node["uri"]) input.uri = text_of(uri);
  if (const auto version = node["version"]) input.version = text_of(version);
  if (const auto headers = node["headers"]; headers && headers.IsMap())
    for (const auto& header : headers) input.headers.emplace_back(text_of(header.first), text_of(header.second));
  input.data = data_of(node["data"]);
  if (const auto raw = node["raw_request"]) input.raw_request = text_of(raw);
  if (const auto encoded = node["encoded_request"]; encoded && !text_of(encoded).empty())
    if (!apply(Transform::base64_decode, text_of(encoded), input.raw_request)) input.raw_request = text_of(encoded);
  if (const auto stop = node["stop_magic"]) input.complete_headers = !stop.as<bool>();
  if (const auto complete = node["autocomplete_headers"]) input.complete_headers = complete.as<bool>();
  return input;
}

Expectation expectation_of(const YAML::Node& node) {
  Expectation expected;
  if (!node.IsDefined() || !node.IsMap()) return expected;
  if (const auto status = node["status"]) expected.status = numbers_of(status);
  expected.log_contains = text_of(node["log_contains"]);
  expected.no_log_contains = text_of(node["no_log_contains"]);
  expected.response_contains = text_of(node["response_contains"]);
  if (const auto error = node["expect_error"]) expected.expect_error = error.as<bool>();
  if (const auto retry = node["retry_once"]) expected.retry_once = retry.as<bool>();
  if (const auto log = node["log"]; log && log.IsMap()) {
    expected.expect_ids = ids_of(log["expect_ids"]);
    expected.no_expect_ids = ids_of(log["no_expect_ids"]);
    expected.match_regex = text_of(log["match_regex"]);
    expected.no_match_regex = text_of(log["no_match_regex"]);
  }
  return expected;
}

void add_file(const std::string& path, Suite& suite) {
  const YAML::Node root = YAML::LoadFile(path);
  ++suite.files;
  if (const auto enabled = root["meta"]["enabled"]; enabled && !enabled.as<bool>()) {
    ++suite.disabled_files;
    return;
  }
  const std::string rule = text_of(root["rule_id"]);
  for (const auto& test : root["tests"]) {
    TestCase made;
    made.file = path;
    made.title = text_of(test["test_title"]);
    if (made.title.empty()) made.title = rule + "-" + text_of(test["test_id"]);
    for (const auto& stage : test["stages"]) {
      const YAML::Node body = stage["stage"] ? stage["stage"] : stage;
      made.steps.push_back({input_of(body["input"]), expectation_of(body["output"])});
    }
    suite.tests.push_back(std::move(made));
  }
}

bool has_header(const Input& input, std::string_view name) {
  return std::any_of(input.headers.begin(), input.headers.end(), [&](const auto& header) { return same_text(header.first, name); });
}

std::string header_value(const Input& input, std::string_view name) {
  for (const auto& [key, value] : input.headers)
    if (same_text(key, name)) return value;
  return {};
}

bool log_has(const std::string& log, std::uint64_t id) { return log.find(fmt::format("[id \"{}\"]", id)) != std::string::npos; }

bool log_matches(const std::string& log, const std::string& pattern) {
  const auto made = make_operator("rx", pattern, {});
  if (!made) return false;
  MatchContext context;
  return (*made)->match(log, context);
}

/// The reference runner encodes the values of a form that is not encoded yet: name=a b&… becomes name=a+b&….
std::string encoded_form(const std::string& data) {
  std::string decoded;
  if (data.find('=') == std::string::npos || (data.find('%') != std::string::npos && apply(Transform::url_decode, data, decoded)))
    return data;
  std::string out;
  for (std::size_t from = 0; from <= data.size();) {
    const std::size_t end = std::min(data.find('&', from), data.size());
    const std::string pair = data.substr(from, end - from);
    from = end + 1;
    const std::size_t equals = pair.find('=');
    if (pair.empty() || equals == std::string::npos || equals + 1 == pair.size()) continue;  // as Python's parse_qsl drops blank values
    const auto encode = [](std::string text) {
      std::replace(text.begin(), text.end(), '+', ' ');
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
    };
    out += (out.empty() ? "" : "&") + encode(pair.substr(0, equals)) + '=' + encode(pair.substr(equals + 1));
  }
  return out.empty() ? data : out;
}

}  // namespace

Expectation expectation_of_text(const std::string& yaml) { return expectation_of(YAML::Load(yaml)); }

Result<Suite> load_suite(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code status;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, status)) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_regular_file() && (extension == ".yaml" || extension == ".yml")) paths.push_back(entry.path().string());
  }
  if (status) return config_error(fmt::format("{}: {}", directory, status.message()));
  if (paths.empty()) return config_error(fmt::format("{}: no .yaml file there", directory));
  std::sort(paths.begin(), paths.end());
  Suite suite;
  for (const auto& path : paths) {
    try {
      add_file(path, suite);
    } catch (const YAML::Exception& failure) {
      return config_error(fmt::format("{}:{}: {}", path, failure.mark.line + 1, failure.msg));
    }
  }
  return suite;
}

std::string request_bytes(const Input& input) {
  if (!input.raw_request.empty()) return input.raw_request;
  std::string out = input.method + ' ' + input.uri + ' ' + input.version + "\r\n";
  std::string data = input.data;
  for (const auto& [name, value] : input.headers) out += name + ": " + value + "\r\n";
  if (input.complete_headers) {
    if (!data.empty() && !has_header(input, "content-type")) out += "Content-Type: application/x-www-form-urlencoded\r\n";
    if (!data.empty() && (!has_header(input, "content-type") || header_value(input, "content-type") == "application/x-www-form-urlencoded"))
      data = encoded_form(data);
    if (!data.empty() && !has_header(input, "content-length") && !has_header(input, "transfer-encoding"))
      out += fmt::format("Content-Length: {}\r\n", data.size());
    if (!has_header(input, "connection")) out += "Connection: close\r\n";
  }
  return out + "\r\n" + data;
}

std::string compare(const Expectation& expected, const Observation& seen) {
  if (expected.expect_error && *expected.expect_error)
    return seen.status == 0 ? "" : fmt::format("expected no answer, got {}", seen.status);
  if (!expected.status.empty() && std::find(expected.status.begin(), expected.status.end(), seen.status) == expected.status.end())
    return fmt::format("expected status {}, got {}", fmt::join(expected.status, " or "), seen.status);
  for (const auto id : expected.expect_ids)
    if (!log_has(seen.log, id)) return fmt::format("rule {} did not match", id);
  for (const auto id : expected.no_expect_ids)
    if (log_has(seen.log, id)) return fmt::format("rule {} matched", id);
  if (!expected.log_contains.empty() && seen.log.find(expected.log_contains) == std::string::npos)
    return fmt::format("the log lacks: {}", expected.log_contains);
  if (!expected.no_log_contains.empty() && seen.log.find(expected.no_log_contains) != std::string::npos)
    return fmt::format("the log has: {}", expected.no_log_contains);
  if (!expected.match_regex.empty() && !log_matches(seen.log, expected.match_regex))
    return fmt::format("no log line matches {}", expected.match_regex);
  if (!expected.no_match_regex.empty() && log_matches(seen.log, expected.no_match_regex))
    return fmt::format("a log line matches {}", expected.no_match_regex);
  if (!expected.response_contains.empty() && seen.response.find(expected.response_contains) == std::string::npos)
    return fmt::format("the response lacks: {}", expected.response_contains);
  return {};
}

}  // namespace bulwark::waf::regression
