// Differential: every request that our strict parser takes whole, Node's parser (Debian's node-llhttp) takes too, with the same
// method, target, fields and body. Built only where that package is installed.
#include <llhttp.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/check.h"
#include "wire/http/chunked.h"
#include "wire/http/head.h"

namespace {

using namespace bulwark;

struct Seen {
  std::string target;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  bool last_was_value = true;
  bool complete = false;
};

Seen& of(llhttp_t* parser) { return *static_cast<Seen*>(parser->data); }

int on_url(llhttp_t* parser, const char* at, std::size_t size) {
  of(parser).target.append(at, size);
  return 0;
}
int on_field(llhttp_t* parser, const char* at, std::size_t size) {
  Seen& seen = of(parser);
  if (seen.complete) return 0;
  if (seen.last_was_value) seen.fields.emplace_back();
  seen.last_was_value = false;
  seen.fields.back().first.append(at, size);
  return 0;
}
int on_value(llhttp_t* parser, const char* at, std::size_t size) {
  Seen& seen = of(parser);
  seen.fields.back().second.append(at, size);
  return 0;
}
int on_value_end(llhttp_t* parser) {
  of(parser).last_was_value = true;
  return 0;
}
int on_body(llhttp_t* parser, const char* at, std::size_t size) {
  of(parser).body.append(at, size);
  return 0;
}
int on_complete(llhttp_t* parser) {
  of(parser).complete = true;
  return HPE_PAUSED;
}

/// The body of a request whose head ends at `rest`; false if it is not all there or refused.
bool whole_body(const http::RequestHead& head, std::string_view rest, std::string& body) {
  if (head.body == http::BodyKind::none) return true;
  if (head.body == http::BodyKind::length) {
    if (rest.size() < head.content_length) return false;
    body = rest.substr(0, head.content_length);
    return true;
  }
  http::ChunkedDecoder chunks;
  while (true) {
    const auto step = chunks.next(rest);
    rest.remove_prefix(step.consumed);
    body.append(step.data);
    if (step.state == http::ChunkedDecoder::State::done) return true;
    if (step.state != http::ChunkedDecoder::State::data) return false;
  }
}

/// llhttp knows a list of methods; ours is any token.
bool known_method(std::string_view method) {
  for (const auto* each : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
    if (method == each) return true;
  return false;
}

/// A chunk extension with a token for its value and another one behind it (RFC 9112 §7.1.1 allows both): Debian's llhttp then reads
/// the next extension's name as a chunk's size.
bool misread_by_llhttp(std::string_view body) {
  for (std::size_t at = body.find('='); at != std::string_view::npos; at = body.find('=', at + 1)) {
    const std::size_t end = body.find_first_of(";\"\r", at);
    if (end != std::string_view::npos && body[end] == ';') return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const http::HeadLimits limits{};
  http::HeadScanner scanner;
  if (scanner.scan(input, limits) != http::HeadScanner::State::complete) return 0;
  http::RequestHead head;
  const std::string_view text = input.substr(scanner.skipped(), scanner.size() - scanner.skipped());
  if (http::parse_request_head(text, limits, head) || !known_method(head.method)) return 0;
  for (const auto& field : head.fields)
    if (field.known == http::KnownField::upgrade) return 0;  // llhttp then stops before the body, by design
  std::string body;
  if (!whole_body(head, input.substr(scanner.size()), body)) return 0;
  if (head.body == http::BodyKind::chunked && misread_by_llhttp(input.substr(scanner.size()))) return 0;

  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_url = on_url;
  settings.on_header_field = on_field;
  settings.on_header_value = on_value;
  settings.on_header_value_complete = on_value_end;
  settings.on_body = on_body;
  settings.on_message_complete = on_complete;
  llhttp_t parser;
  llhttp_init(&parser, HTTP_REQUEST, &settings);
  Seen seen;
  parser.data = &seen;
  const auto result = llhttp_execute(&parser, input.data(), input.size());
  if (!seen.complete) std::fprintf(stderr, "llhttp: %s %s\n", llhttp_errno_name(result), llhttp_get_error_reason(&parser));
  CHECK(seen.complete);
  CHECK(llhttp_method_name(static_cast<llhttp_method_t>(parser.method)) == head.method);
  const bool absolute = seen.target.find("://") != std::string::npos && !seen.target.starts_with('/');  // reduced to its path by ours
  CHECK(absolute ? seen.target.ends_with(head.target) || head.target == "/" : seen.target == head.target);
  CHECK(seen.body == body);
  CHECK(seen.fields.size() >= head.fields.size());
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    CHECK(seen.fields[i].first == head.fields[i].name);
    CHECK(seen.fields[i].second.substr(0, head.fields[i].value.size()) == head.fields[i].value);
  }
  return 0;
}
