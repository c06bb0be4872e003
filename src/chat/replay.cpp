// Each line becomes an exchange that ends before anything goes upstream.
#include "chat/replay.h"

#include <fmt/format.h>

#include <set>

#include "wire/json/reader.h"

namespace bulwark::chat {

namespace {

using gateway::Exchange;
using gateway::Phase;
using gateway::Verdict;

/// Takes a record apart; a line that is no record is a body.
struct Record {
  explicit Record(const std::string& line) : body(line) {
    const auto document = json::Document::parse(line);
    if (!document.ok()) return;
    const auto inner = document->root().find("body");
    if (!inner || !inner->is(json::Type::object)) return;
    body.clear();
    json::append(body, *inner);
    if (const auto given = document->root().text("path"); !given.empty()) path = given;
    user = document->root().text("user");
    tenant = document->root().text("tenant");
  }
  std::string body;
  std::string path = "/v1/chat/completions";
  std::string user;
  std::string tenant;
};

}  // namespace

ReplayReport replay(const gateway::Stage& stage, std::istream& log, const std::function<void(std::string_view)>& print) {
  ReplayReport report;
  for (std::string line; std::getline(log, line);) {
    if (line.empty()) continue;
    ++report.requests;
    const Record record(line);
    Exchange exchange;
    exchange.trace = TraceId::random();
    exchange.request.method = "POST";
    exchange.request.path = record.path;
    exchange.principal.user = record.user;
    exchange.principal.tenant = record.tenant;
    exchange.request.body = record.body;
    const auto verdict = stage.run(Phase::request_body, exchange, 0);
    const bool refused = !verdict.ok() || *verdict == Verdict::deny;
    ++(refused ? report.refused : report.passed);
    std::set<std::string> rules;
    for (const auto& finding : exchange.findings()) rules.insert(finding.rule);
    if (exchange.denial() != nullptr) rules.insert(exchange.denial()->rule);
    if (!verdict.ok()) rules.insert("chat.failed");
    for (const std::string& rule : rules) ++report.rules[rule];
    if (rules.empty()) continue;
    print(fmt::format("{}: {} {}", report.requests, refused ? "refused" : "passed", fmt::join(rules, " ")));
  }
  return report;
}

}  // namespace bulwark::chat
