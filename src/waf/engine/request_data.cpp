// From a request to variables, with the reference's reading of each (libmodsecurity 3's transaction.cc is the model of behaviour).
#include <algorithm>
#include <string>

#include "waf/bodies/json.h"
#include "waf/bodies/urlencoded.h"
#include "waf/seclang/text.h"
#include "waf/transaction.h"

namespace bulwark::waf {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char folded = lower(c);
  return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

/// Percent-decoding alone; what is malformed stays.
std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string_view without_leading_space(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || (text.front() >= 9 && text.front() <= 13))) text.remove_prefix(1);
  return text;
}

bool starts_with_folded(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && same_text(text.substr(0, prefix.size()), prefix);
}

}  // namespace

void Transaction::set(Variable variable, std::string_view value) {
  change(variable);
  items(variable).clear();
  items(variable).push_back({{}, value});
}

void Transaction::add(Variable variable, std::string_view name, std::string_view value) {
  change(variable);
  items(variable).push_back({name, value});
}

void Transaction::set_request(const RequestLine& line, const Connection& connection) {
  set(Variable::REQUEST_METHOD, line.method);
  set(Variable::REQUEST_PROTOCOL, line.protocol);
  if (!line.line.empty())
    set(Variable::REQUEST_LINE, line.line);
  else if (mentioned(Variable::REQUEST_LINE))
    set(Variable::REQUEST_LINE, arena_.store(std::string(line.method) + ' ' + std::string(line.target) + ' ' + std::string(line.protocol)));
  set_target(line.target);
  set(Variable::REMOTE_ADDR, arena_.store(connection.client.address.text()));
  set(Variable::REMOTE_HOST, items(Variable::REMOTE_ADDR)[0].value);
  set(Variable::REMOTE_PORT, number_text(connection.client.port));
  set(Variable::SERVER_ADDR, arena_.store(connection.server.address.text()));
  set(Variable::SERVER_PORT, number_text(connection.server.port));
  if (!connection.user.empty()) set(Variable::REMOTE_USER, connection.user);
  unique_id_ = connection.unique_id;
  set(Variable::UNIQUE_ID, unique_id_);
}

void Transaction::set_target(std::string_view target) {
  set(Variable::REQUEST_URI_RAW, target);
  std::string_view uri = target;
  if (const std::size_t scheme = uri.find("://"); !uri.starts_with('/') && scheme != std::string_view::npos) {
    const std::size_t path = uri.find('/', scheme + 3);
    uri = path == std::string_view::npos ? std::string_view("/") : uri.substr(path);
  }
  const bool third = program_->settings.generation == Generation::third;
  if (third) uri = uri.substr(0, uri.find('#'));
  // The third generation gives rules the decoded URI under this name, so that they decode it a second time.
  set(Variable::REQUEST_URI, third && uri.find('%') != std::string_view::npos ? arena_.store(percent_decoded(uri)) : uri);
  const std::size_t question = uri.find('?');
  const std::string_view query = question == std::string_view::npos ? std::string_view("") : uri.substr(question + 1);
  set(Variable::QUERY_STRING, query);
  std::string_view path = uri;
  if (uri.find('%') != std::string_view::npos) path = arena_.store(percent_decoded(uri));
  path = path.substr(0, path.find('?'));
  set(Variable::REQUEST_FILENAME, path);
  set(Variable::PATH_INFO, path);
  const std::size_t slash = path.find_last_of("/\\");
  if (slash != std::string_view::npos || third)
    set(Variable::REQUEST_BASENAME, slash == std::string_view::npos ? "" : path.substr(slash + 1));
  if (!query.empty()) read_query(query);
  set_sizes();
}

void Transaction::read_query(std::string_view query) {
  scratch_arguments_.clear();
  const ProgramSettings& settings = program_->settings;
  const auto flags =
      parse_urlencoded(query, settings.argument_separator, {.max_arguments = settings.arguments_limit}, arena_, scratch_arguments_);
  for (const auto& argument : scratch_arguments_) add(Variable::ARGS_GET, argument.name, argument.value);
  if (flags.invalid_encoding) set(Variable::URLENCODED_ERROR, "1");
}

void Transaction::add_request_header(std::string_view name, std::string_view value) {
  add(Variable::REQUEST_HEADERS, name, value);
  if (same_text(name, "cookie")) {
    read_cookies(value);
  } else if (same_text(name, "content-type")) {
    content_type_ = value;
    if (starts_with_folded(value, "multipart/form-data"))
      body_processor_ = "MULTIPART";
    else if (starts_with_folded(value, "application/x-www-form-urlencoded"))
      body_processor_ = "URLENCODED";
  } else if (same_text(name, "host")) {
    std::string_view host = value;
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) host = host.substr(0, colon);
    set(Variable::SERVER_NAME, host);
  } else if (same_text(name, "authorization")) {
    set(Variable::AUTH_TYPE, value.substr(0, value.find(' ')));
  }
}

void Transaction::read_cookies(std::string_view header) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    const std::string_view pair = without_leading_space(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    const std::size_t equals = pair.find('=');
    const std::string_view name = without_leading_space(pair.substr(0, equals));
    if (name.empty() || items(Variable::REQUEST_COOKIES).size() >= program_->settings.arguments_limit) continue;
    add(Variable::REQUEST_COOKIES, name, equals == std::string_view::npos ? std::string_view("") : pair.substr(equals + 1));
  }
}

void Transaction::set_sizes() {
  std::int64_t total = 0;
  for (const Variable each : {Variable::ARGS_GET, Variable::ARGS_POST})
    for (const auto& item : items(each)) total += static_cast<std::int64_t>(item.name.size() + item.value.size());
  set(Variable::ARGS_COMBINED_SIZE, number_text(total));
}

void Transaction::body_error(std::string_view message) {
  set(Variable::REQBODY_ERROR, "1");
  set(Variable::REQBODY_PROCESSOR_ERROR, "1");
  set(Variable::REQBODY_ERROR_MSG, message);
  set(Variable::REQBODY_PROCESSOR_ERROR_MSG, message);
}

/// FULL_REQUEST: the line (not in the third generation), the headers, an empty line, the body.
void Transaction::set_full_request(std::string_view body) {
  std::string text;
  const bool third = program_->settings.generation == Generation::third;
  const auto put = [&](Variable variable) {
    if (!items(variable).empty()) text.append(items(variable)[0].value);
  };
  if (!third) {
    put(Variable::REQUEST_METHOD);
    text += ' ';
    put(Variable::REQUEST_URI_RAW);
    text += ' ';
    put(Variable::REQUEST_PROTOCOL);
    text += '\n';
  }
  for (const auto& header : items(Variable::REQUEST_HEADERS)) text.append(header.name).append(": ").append(header.value).append("\n");
  text.append(third ? "\n\n" : "\n").append(body);
  set(Variable::FULL_REQUEST, arena_.store(text));
  set(Variable::FULL_REQUEST_LENGTH, number_text(static_cast<std::int64_t>(text.size())));
}

void Transaction::read_body(std::string_view body) {
  if (mentioned(Variable::FULL_REQUEST) || mentioned(Variable::FULL_REQUEST_LENGTH)) set_full_request(body);
  set(Variable::REQBODY_ERROR, "0");
  set(Variable::REQBODY_PROCESSOR_ERROR, "0");
  if (!body.empty()) {
    // ModSecurity 2 fills it for forms, and where a rule asks for it; elsewhere the processor's values say the same.
    if (program_->settings.generation == Generation::third || force_body_ || same_text(body_processor_, "URLENCODED"))
      set(Variable::REQUEST_BODY, body);
    set(Variable::REQUEST_BODY_LENGTH, number_text(static_cast<std::int64_t>(body.size())));
    if (same_text(body_processor_, "MULTIPART"))
      read_multipart(body);
    else if (same_text(body_processor_, "JSON"))
      read_json(body);
    else if (same_text(body_processor_, "XML"))
      read_xml(body);
    else if (same_text(body_processor_, "URLENCODED")) {
      scratch_arguments_.clear();
      const ProgramSettings& settings = program_->settings;
      const auto flags =
          parse_urlencoded(body, settings.argument_separator, {.max_arguments = settings.arguments_limit}, arena_, scratch_arguments_);
      for (const auto& argument : scratch_arguments_) add(Variable::ARGS_POST, argument.name, argument.value);
      if (flags.invalid_encoding) set(Variable::URLENCODED_ERROR, "1");
      if (flags.limit_reached) body_error("more arguments than the limit");
    } else if (!body_processor_.empty()) {
      body_error("unknown request body processor");
    }
    std::size_t without_files = body.size();
    for (const auto& file : multipart_.files) without_files -= std::min(without_files, file.content.size());
    if (const std::size_t most = program_->settings.no_files_limit; most != 0 && without_files > most)
      body_error("the request body without its files is longer than the limit");
  }
  set_sizes();
}

void Transaction::read_json(std::string_view body) {
  scratch_arguments_.clear();
  JsonLimits limits;
  limits.arguments.max_arguments = program_->settings.arguments_limit;
  limits.max_depth = program_->settings.json_depth_limit;
  const JsonResult result = parse_json(body, limits, arena_, scratch_arguments_);
  const bool too_many = program_->settings.nested_json && parse_nested_json(limits, arena_, scratch_arguments_, 0);
  for (const auto& argument : scratch_arguments_) add(Variable::ARGS_POST, argument.name, argument.value);
  if (result.error)
    body_error(result.message);
  else if (too_many)
    body_error("the JSON body holds too many values");
}

void Transaction::read_xml(std::string_view body) {
  change(Variable::XML);
  xml_ = std::make_unique<XmlDocument>();
  if (!xml_->parse(body, {})) body_error(arena_.store(xml_->message()));
  if (xml_arguments_ == XmlArguments::off) return;
  scratch_arguments_.clear();
  const bool whole = xml_->flatten({.max_arguments = program_->settings.arguments_limit}, arena_, scratch_arguments_);
  for (const auto& argument : scratch_arguments_) add(Variable::ARGS_POST, argument.name, argument.value);
  if (!whole) body_error("the XML body holds more arguments than the limit");
  if (xml_arguments_ == XmlArguments::only) xml_.reset();
}

void Transaction::read_multipart(std::string_view body) {
  MultipartLimits limits;
  limits.arguments.max_arguments = program_->settings.arguments_limit;
  limits.max_files = program_->settings.upload_file_limit;
  parse_multipart(content_type_, body, limits, arena_, multipart_);
  for (const auto& argument : multipart_.arguments) add(Variable::ARGS_POST, argument.name, argument.value);
  std::int64_t total = 0;
  for (const auto& file : multipart_.files) {
    add(Variable::FILES, file.field, file.filename);
    add(Variable::MULTIPART_FILENAME, file.field, file.filename);
    add(Variable::FILES_NAMES, file.field, file.field);
    add(Variable::MULTIPART_NAME, file.field, file.field);
    add(Variable::FILES_SIZES, file.field, number_text(static_cast<std::int64_t>(file.content.size())));
    add(Variable::FILES_TMP_CONTENT, file.field, file.content);
    total += static_cast<std::int64_t>(file.content.size());
  }
  set(Variable::FILES_COMBINED_SIZE, number_text(total));
  for (const auto& header : multipart_.part_headers) add(Variable::MULTIPART_PART_HEADERS, header.name, header.value);

  const MultipartFlags& flags = multipart_.flags;
  const auto flag = [this](Variable variable, bool value) { set(variable, value ? "1" : "0"); };
  flag(Variable::MULTIPART_BOUNDARY_QUOTED, flags.boundary_quoted);
  flag(Variable::MULTIPART_BOUNDARY_WHITESPACE, flags.boundary_whitespace);
  flag(Variable::MULTIPART_DATA_BEFORE, flags.data_before);
  flag(Variable::MULTIPART_DATA_AFTER, flags.data_after);
  flag(Variable::MULTIPART_HEADER_FOLDING, flags.header_folding);
  flag(Variable::MULTIPART_LF_LINE, flags.lf_line);
  flag(Variable::MULTIPART_CRLF_LF_LINES, flags.crlf_lf_lines);
  flag(Variable::MULTIPART_MISSING_SEMICOLON, flags.missing_semicolon);
  flag(Variable::MULTIPART_INVALID_QUOTING, flags.invalid_quoting);
  flag(Variable::MULTIPART_INVALID_PART, flags.invalid_part);
  flag(Variable::MULTIPART_INVALID_HEADER_FOLDING, flags.invalid_header_folding);
  flag(Variable::MULTIPART_FILE_LIMIT_EXCEEDED, flags.file_limit_exceeded);
  flag(Variable::MULTIPART_STRICT_ERROR, flags.strict_error());
  set(Variable::MULTIPART_UNMATCHED_BOUNDARY, number_text(flags.unmatched_boundary));
  if (flags.error) body_error(arena_.store(multipart_.error_message));
}

}  // namespace bulwark::waf
