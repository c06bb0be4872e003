// YAML to test cases.
#include "waf/regression/suite.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "waf/transforms/transform.h"

namespace bulwark::waf::regression {
namespace {

std::string text_of(const YAML::Node& node) { return node.IsDefined() && node.IsScalar() ? node.Scalar() : std::string(); }

bool flag_of(const YAML::Node& node) { return node.IsDefined() && node.IsScalar() && node.as<bool>(); }

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

std::string decoded(const std::string& base64) {
  std::string bytes;
  return apply(Transform::base64_decode, base64, bytes) ? bytes : base64;
}

std::string data_of(const YAML::Node& node, Runner runner) {
  const YAML::Node data = node["data"];
  if (!data || data.IsNull()) return node["encoded_data"] ? decoded(text_of(node["encoded_data"])) : std::string();
  if (!data.IsSequence()) return runner == Runner::go_ftw ? expand_template(text_of(data)) : text_of(data);
  std::string joined;
  for (const auto& line : data) joined.append(joined.empty() ? "" : "\r\n").append(text_of(line));
  return joined;
}

/// A mapping, or a list of {name, value}.
std::vector<std::pair<std::string, std::string>> headers_of(const YAML::Node& node) {
  std::vector<std::pair<std::string, std::string>> headers;
  if (!node.IsDefined()) return headers;
  if (node.IsMap())
    for (const auto& header : node) headers.emplace_back(text_of(header.first), text_of(header.second));
  else if (node.IsSequence())
    for (const auto& header : node) headers.emplace_back(text_of(header["name"]), text_of(header["value"]));
  return headers;
}

BackendAnswer answer_of(const YAML::Node& node) {
  BackendAnswer answer;
  if (const auto status = node["status"]) answer.status = status.as<int>();
  answer.headers = headers_of(node["headers"]);
  answer.body = text_of(node["body"]);
  if (const auto encoded = node["encoded_body"]; encoded && answer.body.empty()) answer.body = decoded(text_of(encoded));
  return answer;
}

Input input_of(const YAML::Node& node, Runner runner) {
  Input input;
  input.runner = runner;
  if (!node.IsDefined() || node.IsNull()) return input;
  if (const auto method = node["method"]) input.method = text_of(method);
  if (const auto uri = node["uri"]) input.uri = text_of(uri);
  if (const auto version = node["version"]) input.version = text_of(version);
  input.headers = headers_of(node["headers"]);
  for (auto& header : headers_of(node["ordered_headers"])) input.headers.push_back(std::move(header));
  input.data = data_of(node, runner);
  if (const auto raw = node["raw_request"]) input.raw_request = text_of(raw);
  if (const auto encoded = node["encoded_request"]; encoded && !text_of(encoded).empty()) input.raw_request = decoded(text_of(encoded));
  if (const auto stop = node["stop_magic"]) input.complete_headers = !stop.as<bool>();
  if (const auto complete = node["autocomplete_headers"]) input.complete_headers = complete.as<bool>();
  input.follow_redirect = flag_of(node["follow_redirect"]);
  input.save_cookie = flag_of(node["save_cookie"]);
  if (const auto response = node["response"]; response && response.IsMap()) input.answer = answer_of(response);
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
  expected.retry_once = flag_of(node["retry_once"]);
  expected.isolated = flag_of(node["isolated"]);
  if (const auto log = node["log"]; log && log.IsMap()) {
    expected.expect_ids = ids_of(log["expect_ids"]);
    expected.no_expect_ids = ids_of(log["no_expect_ids"]);
    expected.match_regex = text_of(log["match_regex"]);
    expected.no_match_regex = text_of(log["no_match_regex"]);
  }
  return expected;
}

void add_steps(const YAML::Node& stage, Runner runner, TestCase& test) {
  const YAML::Node body = stage["stage"] ? stage["stage"] : stage;
  Step step{input_of(body["input"], runner), expectation_of(body["output"])};
  const YAML::Node input = body["input"];
  if (!input || !input["uris"]) return test.steps.push_back(std::move(step));
  for (const auto& uri : input["uris"]) {  // the same request to each of them
    step.input.uri = text_of(uri);
    test.steps.push_back(step);
  }
}

void add_root(const YAML::Node& root, const std::string& path, Suite& suite) {
  ++suite.files;
  if (const auto meta = root["meta"]; meta && meta["enabled"] && !meta["enabled"].as<bool>()) {
    ++suite.disabled_files;
    return;
  }
  const std::string rule = text_of(root["rule_id"]);
  const Runner runner = rule.empty() ? Runner::ftw : Runner::go_ftw;
  std::size_t position = 0;
  for (const auto& test : root["tests"]) {
    ++position;
    TestCase made;
    made.file = path;
    made.title = text_of(test["test_title"]);
    if (made.title.empty()) made.title = fmt::format("{}-{}", rule, test["test_id"] ? text_of(test["test_id"]) : std::to_string(position));
    for (const auto& stage : test["stages"]) add_steps(stage, runner, made);
    suite.tests.push_back(std::move(made));
  }
}

}  // namespace

Expectation expectation_of_text(const std::string& yaml) { return expectation_of(YAML::Load(yaml)); }

Result<void> add_tests(const std::string& text, const std::string& path, Suite& suite) {
  try {
    add_root(YAML::Load(text), path, suite);
  } catch (const YAML::Exception& failure) {
    return config_error(fmt::format("{}:{}: {}", path, failure.mark.line + 1, failure.msg));
  }
  return {};
}

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
    if (std::filesystem::file_size(path, status) > kMaxSuiteFileBytes || status)
      return config_error(fmt::format("{}: cannot be read, or is larger than 16 MiB", path));
    std::ifstream in(path, std::ios::binary);
    TRY(add_tests({std::istreambuf_iterator<char>(in), {}}, path, suite));
  }
  return suite;
}

}  // namespace bulwark::waf::regression
