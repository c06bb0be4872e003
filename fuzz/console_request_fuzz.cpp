// What a browser (or somebody who is none) sends to the console: query strings, cookies, codings. First line: the query;
// second: the Cookie header; third: Accept-Encoding.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "console/assets.h"
#include "console/call.h"
#include "console/event_query.h"

namespace {

std::string_view line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto taken = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  gateway::Exchange exchange;
  exchange.request.query = line(rest);
  gateway::Header cookie;
  cookie.name = "Cookie";
  cookie.value = line(rest);
  exchange.request.headers.list.push_back(cookie);
  const auto call = console::call_of(exchange, nullptr);
  CHECK(call.session_token.size() <= cookie.value.size());
  CHECK(call.session_token.find(';') == std::string::npos);

  const console::Parameters parameters(call.query);
  CHECK(parameters.get("text").size() <= console::Parameters::kMaxValue);
  if (const auto query = console::event_query(parameters); query.ok()) {
    CHECK(query->limit <= 200);
    CHECK(query->from >= 0 && query->to >= 0);
  }
  const console::Asset asset{.identity = "aaaa", .gzip = "bbb", .brotli = "cc"};
  CHECK(!console::encoded_for(asset, line(rest)).bytes.empty());
  return 0;
}
