// The regression format: what becomes of its words, byte by byte, and when a test passes.
#include "waf/regression/suite.h"

#include <gtest/gtest.h>

#include <fstream>

#include "waf/regression/overrides.h"

namespace bulwark::waf::regression {
namespace {

Suite read(const std::string& yaml) {
  Suite suite;
  const auto added = add_tests(yaml, "test.yaml", suite);
  EXPECT_TRUE(added.ok()) << added.error().message;
  return suite;
}

/// The only step of a 4.x test with this input.
Input input_of(const std::string& fields) {
  const Suite suite =
      read("rule_id: 920100\ntests:\n  - test_id: 1\n    stages:\n      - input: {" + fields + "}\n        output: {status: 200}\n");
  return suite.tests.at(0).steps.at(0).input;
}

TEST(Suite, ReadsBothFormats) {
  const Suite old = read(
      "meta: {enabled: true}\ntests:\n  - test_title: 1-2\n    stages:\n      - stage:\n          input: {data: [a, b]}\n"
      "          output: {status: [403, 400], log_contains: x}\n");
  EXPECT_EQ(old.tests[0].title, "1-2");
  EXPECT_EQ(old.tests[0].steps[0].input.runner, Runner::ftw);
  EXPECT_EQ(old.tests[0].steps[0].input.data, "a\r\nb");
  EXPECT_EQ(old.tests[0].steps[0].output.status, (std::vector<int>{403, 400}));
  const Suite now = read(
      "rule_id: 920100\ntests:\n  - test_id: 7\n    stages:\n      - input: {virtual_host_mode: true, uris: [/a, /b]}\n"
      "        output: {status: 403, isolated: true, retry_once: true, log: {expect_ids: [1, 2], no_expect_ids: [3], match_regex: m}}\n"
      "  - stages: []\n");
  ASSERT_EQ(now.tests.size(), 2U);
  EXPECT_EQ(now.tests[0].title, "920100-7");
  EXPECT_EQ(now.tests[1].title, "920100-2") << "by its position";
  ASSERT_EQ(now.tests[0].steps.size(), 2U);
  EXPECT_EQ(now.tests[0].steps[1].input.uri, "/b");
  const Expectation& output = now.tests[0].steps[0].output;
  EXPECT_TRUE(output.isolated && output.retry_once);
  EXPECT_EQ(output.expect_ids, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(output.no_expect_ids, (std::vector<std::uint64_t>{3}));
}

TEST(Suite, NamesFileAndLineOfWhatItCannotRead) {
  Suite suite;
  const auto added =
      add_tests("rule_id: 1\ntests:\n  - test_id: 1\n    stages:\n      - input: {}\n        output: {status: many}\n", "a.yaml", suite);
  ASSERT_FALSE(added.ok());
  EXPECT_TRUE(added.error().message.starts_with("a.yaml:6:")) << added.error().message;
}

TEST(RequestBytes, AreThoseOfGoFtw) {
  EXPECT_EQ(request_bytes(input_of("uri: /a, headers: {Host: h}")), "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(request_bytes(input_of("method: POST, data: 'a=1 2&b=<&c&d='")),
            "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\nConnection: close\r\n\r\n"
            "a=1+2&b=%3C&c&d=");
  EXPECT_NE(request_bytes(input_of("method: POST, data: 'a=%3C b'")).find("\r\n\r\na=%3C b"), std::string::npos) << "encoded already";
  EXPECT_NE(request_bytes(input_of("method: PUT")).find("Content-Length: 0\r\n"), std::string::npos);
  EXPECT_EQ(request_bytes(input_of("autocomplete_headers: false, method: POST, data: x")), "POST / HTTP/1.1\r\n\r\nx");
  EXPECT_EQ(request_bytes(input_of("stop_magic: true, method: POST, data: x")), "POST / HTTP/1.1\r\n\r\nx");
  EXPECT_EQ(request_bytes(input_of("encoded_request: R0VUIC8NCg0K")), "GET /\r\n\r\n");
  EXPECT_NE(request_bytes(input_of("encoded_data: AAE=")).find(std::string("\r\n\r\n%00%01")), std::string::npos);
  EXPECT_NE(request_bytes(input_of("headers: {Content-Type: 'multipart/form-data; boundary=x'}, data: \"--x\\n\"")).find("\r\n\r\n--x\r\n"),
            std::string::npos);
  EXPECT_NE(request_bytes(input_of("ordered_headers: [{name: B, value: 1}, {name: A, value: 2}]")).find("B: 1\r\nA: 2\r\n"),
            std::string::npos);
}

TEST(Template, DoesWhatTestDataUses) {
  EXPECT_EQ(expand_template("a={{ \"+\" | repeat 3 }}b"), "a=+++b");
  EXPECT_EQ(expand_template("{{ repeat 2 `x\"` | upper }}"), "X\"X\"");
  EXPECT_EQ(expand_template("{{ \"}}\" }}{{ b64enc \"a\" }}"), "}}YQ==");
  EXPECT_EQ(expand_template("{{constructor.constructor('alert(1)')()}}"), "{{constructor.constructor('alert(1)')()}}");
  EXPECT_EQ(expand_template("{{ \"a\" | repeat 99999999999 }}").size(), kMaxExpanded);
}

TEST(Compare, KnowsEachExpectation) {
  const Observation seen{403, "HTTP/1.1 403\r\n\r\nno", "[id \"10\"] [msg \"a\"]\n[id \"10\"]\n"};
  EXPECT_EQ(compare({.status = {403, 400}, .expect_ids = {10}, .no_expect_ids = {1}, .isolated = true}, seen), "");
  EXPECT_NE(compare({.status = {200}}, seen), "");
  EXPECT_NE(compare({.expect_ids = {1}}, seen), "") << "10 is not 1";
  EXPECT_NE(compare({.no_expect_ids = {10}}, seen), "");
  EXPECT_EQ(compare({.match_regex = "^\\[id \"10\"\\]$"}, seen), "") << "a line of its own";
  EXPECT_NE(compare({.match_regex = "10.*\\n.*10"}, seen), "");
  EXPECT_NE(compare({.no_match_regex = "msg \"a\""}, seen), "");
  EXPECT_NE(compare({.response_contains = "yes"}, seen), "");
  EXPECT_NE(compare({.expect_error = true}, seen), "");
  EXPECT_EQ(compare({.expect_error = true}, {}), "");
  EXPECT_NE(compare({.expect_ids = {10}, .isolated = true}, {403, "", "[id \"10\"]\n[id \"11\"]\n"}), "");
}

TEST(Overrides, AreReadInBothShapes) {
  const std::string path = testing::TempDir() + "overrides.yaml";
  std::ofstream(path)
      << "version: v0.1.0\ntest_overrides:\n  - {rule_id: 1, test_ids: [2], stage_ids: [1], reason: r, output: {status: 400}}\n"
         "  - {rule_id: 3, reason: r, output: {status: 404}}\n";
  const auto loaded = Overrides::load(path);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->find("1-2", 0), nullptr);
  ASSERT_NE(loaded->find("1-2", 1), nullptr);
  EXPECT_EQ(loaded->find("1-2", 1)->status, (std::vector<int>{400}));
  EXPECT_NE(loaded->find("3-9", 0), nullptr);
  EXPECT_FALSE(loaded->mentions("1-1"));
  std::ofstream(path) << "overrides:\n  - {test: 1-1, output: {status: 400}}\n";
  const auto without_reason = Overrides::load(path);
  ASSERT_FALSE(without_reason.ok());
  EXPECT_NE(without_reason.error().message.find(":2: each override"), std::string::npos) << without_reason.error().message;
}

}  // namespace
}  // namespace bulwark::waf::regression
