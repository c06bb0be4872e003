// What a test expects against what was seen.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "waf/operators/operator.h"
#include "waf/regression/suite.h"

namespace bulwark::waf::regression {
namespace {

bool log_has(const std::string& log, std::uint64_t id) { return log.find(fmt::format("[id \"{}\"]", id)) != std::string::npos; }

/// Line by line, as the runners search the log.
bool log_matches(const std::string& log, const std::string& pattern) {
  const auto made = make_operator("rx", pattern, {});
  if (!made) return false;
  for (std::size_t from = 0; from < log.size();) {
    const std::size_t end = std::min(log.find('\n', from), log.size());
    MatchContext context;
    if ((*made)->match(std::string_view(log).substr(from, end - from), context)) return true;
    from = end + 1;
  }
  return false;
}

std::set<std::uint64_t> ids_in(const std::string& log) {
  constexpr std::string_view kId = "[id \"";
  std::set<std::uint64_t> ids;
  for (std::size_t at = log.find(kId); at != std::string::npos; at = log.find(kId, at + 1))
    ids.insert(std::strtoull(log.c_str() + at + kId.size(), nullptr, 10));
  return ids;
}

std::string compare_log(const Expectation& expected, const std::string& log) {
  for (const auto id : expected.expect_ids)
    if (!log_has(log, id)) return fmt::format("rule {} did not match", id);
  for (const auto id : expected.no_expect_ids)
    if (log_has(log, id)) return fmt::format("rule {} matched", id);
  if (!expected.log_contains.empty() && log.find(expected.log_contains) == std::string::npos)
    return fmt::format("the log lacks: {}", expected.log_contains);
  if (!expected.no_log_contains.empty() && log.find(expected.no_log_contains) != std::string::npos)
    return fmt::format("the log has: {}", expected.no_log_contains);
  if (!expected.match_regex.empty() && !log_matches(log, expected.match_regex))
    return fmt::format("no log line matches {}", expected.match_regex);
  if (!expected.no_match_regex.empty() && log_matches(log, expected.no_match_regex))
    return fmt::format("a log line matches {}", expected.no_match_regex);
  if (!expected.isolated) return {};
  if (expected.expect_ids.size() != 1) return "isolated needs exactly one entry in expect_ids";
  const auto ids = ids_in(log);
  return ids.size() == 1 ? "" : fmt::format("expected rule {} alone, but {} matched", expected.expect_ids[0], fmt::join(ids, ", "));
}

}  // namespace

std::string compare(const Expectation& expected, const Observation& seen) {
  if (expected.expect_error.value_or(false)) return seen.status == 0 ? "" : fmt::format("expected no answer, got {}", seen.status);
  if (!expected.status.empty() && std::find(expected.status.begin(), expected.status.end(), seen.status) == expected.status.end())
    return fmt::format("expected status {}, got {}", fmt::join(expected.status, " or "), seen.status);
  if (!expected.response_contains.empty() && seen.response.find(expected.response_contains) == std::string::npos)
    return fmt::format("the response lacks: {}", expected.response_contains);
  return compare_log(expected, seen.log);
}

}  // namespace bulwark::waf::regression
