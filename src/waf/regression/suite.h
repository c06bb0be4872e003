// The OWASP CRS regression files, in both of their formats: the one of 3.3 (tests[].stages[].stage, log_contains), written for
// the runner ftw, and the one of 4.x (rule_id, test_id, log.expect_ids, encoded_request), written for go-ftw. The two runners
// make different bytes of the same words, so each input remembers whose it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bulwark::waf::regression {

enum class Runner : std::uint8_t { ftw, go_ftw };

/// What the backend is to answer; of `input.response`, or of a request to /reflect.
struct BackendAnswer {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct Input {
  Runner runner = Runner::ftw;
  std::string method = "GET";
  std::string uri = "/";
  std::string version = "HTTP/1.1";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string data;
  std::string raw_request;       ///< not empty: exactly these bytes are sent
  bool complete_headers = true;  ///< add Content-Length, Connection and an urlencoded Content-Type where they are missing
  bool follow_redirect = false;  ///< to where the step before was sent
  bool save_cookie = false;      ///< what this step's answer sets is sent by the next ones
  std::optional<BackendAnswer> answer;
};

struct Expectation {
  std::vector<int> status;                ///< any of these; empty: any
  std::vector<std::uint64_t> expect_ids;  ///< all of these matched
  std::vector<std::uint64_t> no_expect_ids;
  std::string log_contains;
  std::string no_log_contains;
  std::string match_regex;
  std::string no_match_regex;
  std::string response_contains;
  std::optional<bool> expect_error;  ///< the server closes without an answer
  bool retry_once = false;
  bool isolated = false;  ///< no rule but the expected one matched
};

struct Step {
  Input input;
  Expectation output;
};

struct TestCase {
  std::string title;  ///< "920100-4"
  std::string file;
  std::vector<Step> steps;
};

struct Suite {
  std::vector<TestCase> tests;
  std::size_t files = 0;
  std::size_t disabled_files = 0;
};

constexpr std::size_t kMaxSuiteFileBytes = 16 * 1024 * 1024;

/// All *.yaml and *.yml below `directory`, in order of their paths. Errors name the file and the line.
Result<Suite> load_suite(const std::string& directory);

/// Adds the tests of one file's text. Errors name `path` and the line.
Result<void> add_tests(const std::string& text, const std::string& path, Suite& suite);

/// One `output:` mapping of a test. Throws what the YAML library throws.
Expectation expectation_of_text(const std::string& yaml);

/// The bytes that the input's runner sends for it.
std::string request_bytes(const Input& input);

/// `text` with its {{ … }} carried out as go-ftw does: literals, and `repeat`, `upper`, `lower`, `b64enc` in prefix form or after
/// a bar. What cannot be understood stays as it is; a result longer than kMaxExpanded is cut.
std::string expand_template(const std::string& text);
constexpr std::size_t kMaxExpanded = 16 * 1024 * 1024;

/// What a run saw of one step.
struct Observation {
  int status = 0;  ///< 0: no answer
  std::string response;
  std::string log;  ///< one line a match, in the reference's words: [id "942100"] [msg "…"]
};

/// Empty: as expected; else in words what differs.
std::string compare(const Expectation& expected, const Observation& seen);

}  // namespace bulwark::waf::regression
