// The OWASP CRS regression files, in both of their formats: the one of 3.3 (tests[].stages[].stage, log_contains) and the one
// of 4.x (test_id, log.expect_ids, encoded_request, retry_once).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bulwark::waf::regression {

struct Input {
  std::string method = "GET";
  std::string uri = "/";
  std::string version = "HTTP/1.1";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string data;
  std::string raw_request;       ///< not empty: exactly these bytes are sent
  bool complete_headers = true;  ///< add Content-Length, Connection and an urlencoded Content-Type where they are missing
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
};

struct Step {
  Input input;
  Expectation output;
};

struct TestCase {
  std::string title;
  std::string file;
  std::vector<Step> steps;
};

struct Suite {
  std::vector<TestCase> tests;
  std::size_t files = 0;
  std::size_t disabled_files = 0;
};

/// All *.yaml and *.yml below `directory`, in order of their paths. Errors name the file and the line.
Result<Suite> load_suite(const std::string& directory);

/// One `output:` mapping of a test. Throws what the YAML library throws.
Expectation expectation_of_text(const std::string& yaml);

/// The bytes that a client sends for `input`.
std::string request_bytes(const Input& input);

/// What a run saw of one step.
struct Observation {
  int status = 0;  ///< 0: no answer
  std::string response;
  std::string log;  ///< one line a match, in the reference's words: [id "942100"] [msg "…"]
};

/// Empty: as expected; else in words what differs.
std::string compare(const Expectation& expected, const Observation& seen);

}  // namespace bulwark::waf::regression
