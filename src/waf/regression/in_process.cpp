// One transaction a test; the answer is what the rules decide, else 200.
#include "waf/regression/in_process.h"

#include <fmt/format.h>

#include "waf/raw_request.h"
#include "waf/seclang/text.h"

namespace bulwark::waf::regression {
namespace {

constexpr const char* kSeverityNames[] = {"EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"};

/// The body of a chunked request, as far as it is well-formed.
std::string dechunked(std::string_view rest) {
  std::string body;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) break;
    const std::size_t size = std::strtoul(std::string(rest.substr(0, end)).c_str(), nullptr, 16);
    rest.remove_prefix(end + 2);
    if (size == 0 || size > rest.size()) break;
    body.append(rest.substr(0, size));
    rest.remove_prefix(std::min(size + 2, rest.size()));
  }
  return body;
}

}  // namespace

std::string log_lines(const std::vector<Match>& matches) {
  std::string out;
  for (const auto& match : matches) {
    const Rule& rule = *match.rule;
    out += fmt::format("[file \"{}\"] [line \"{}\"] [id \"{}\"] [msg \"{}\"] [data \"{}\"]", rule.file, rule.line, rule.id, match.message,
                       match.data);
    if (rule.severity < 8) out += fmt::format(" [severity \"{}\"]", kSeverityNames[rule.severity]);
    if (!rule.version.empty()) out += fmt::format(" [ver \"{}\"]", rule.version);
    for (const auto& tag : rule.tags) out += fmt::format(" [tag \"{}\"]", tag);
    out += fmt::format(" against variable `{}'\n", match.variable);
  }
  return out;
}

Observation InProcess::run(const Input& input) {
  const std::string bytes = request_bytes(input);
  const RawRequest request = take_apart(bytes);
  Connection connection;
  connection.client = *Endpoint::parse("127.0.0.1:40000");
  connection.server = *Endpoint::parse("127.0.0.1:80");
  connection.unique_id = "regression";
  transaction_.begin(program_, policy_, &store_);
  transaction_.set_request({request.method, request.target, request.protocol, request.line}, connection);
  std::string body(request.body);
  for (const auto& [name, value] : request.headers) {
    transaction_.add_request_header(name, value);
    if (same_text(name, "transfer-encoding") && same_text(value, "chunked")) body = dechunked(request.body);
  }
  transaction_.run_request_headers();
  transaction_.run_request_body(body);
  Observation seen;
  seen.status = 200;
  if (const Intervention* intervention = transaction_.intervention(); intervention != nullptr && intervention->enforced) {
    seen.status = intervention->status;
  } else {
    transaction_.set_response(200, "HTTP/1.1");
    transaction_.add_response_header("Content-Type", "text/html");
    transaction_.run_response_headers();
    transaction_.run_response_body(body);
    if (const Intervention* late = transaction_.intervention(); late != nullptr && late->enforced)
      seen.status = late->status;
    else
      seen.response = body;
  }
  transaction_.run_logging();
  seen.log = log_lines(transaction_.matches());
  return seen;
}

}  // namespace bulwark::waf::regression
