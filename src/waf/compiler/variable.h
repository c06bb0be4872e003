// The variables of SecLang, by name and by kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bulwark::waf {

// name, kind: S one value, L list by name, N names of a list, D asked at run time (changes while rules run), C collection that rules write
// clang-format off
#define BULWARK_WAF_VARIABLES(X)                                                                                             \
  X(ARGS, L) X(ARGS_GET, L) X(ARGS_POST, L) X(ARGS_NAMES, N) X(ARGS_GET_NAMES, N) X(ARGS_POST_NAMES, N)                       \
  X(ARGS_COMBINED_SIZE, S) X(AUTH_TYPE, S) X(FILES, L) X(FILES_NAMES, L) X(FILES_SIZES, L) X(FILES_TMPNAMES, L)               \
  X(FILES_TMP_CONTENT, L) X(FILES_COMBINED_SIZE, S) X(FULL_REQUEST, S) X(FULL_REQUEST_LENGTH, S) X(INBOUND_DATA_ERROR, S)     \
  X(OUTBOUND_DATA_ERROR, S) X(MULTIPART_BOUNDARY_QUOTED, S) X(MULTIPART_BOUNDARY_WHITESPACE, S)                              \
  X(MULTIPART_CRLF_LF_LINES, S) X(MULTIPART_DATA_AFTER, S) X(MULTIPART_DATA_BEFORE, S) X(MULTIPART_FILENAME, L)              \
  X(MULTIPART_FILE_LIMIT_EXCEEDED, S) X(MULTIPART_HEADER_FOLDING, S) X(MULTIPART_INVALID_HEADER_FOLDING, S)                  \
  X(MULTIPART_INVALID_PART, S) X(MULTIPART_INVALID_QUOTING, S) X(MULTIPART_LF_LINE, S) X(MULTIPART_MISSING_SEMICOLON, S)     \
  X(MULTIPART_NAME, L) X(MULTIPART_PART_HEADERS, L) X(MULTIPART_STRICT_ERROR, S) X(MULTIPART_UNMATCHED_BOUNDARY, S)          \
  X(PATH_INFO, S) X(QUERY_STRING, S) X(REMOTE_ADDR, S) X(REMOTE_HOST, S) X(REMOTE_PORT, S) X(REMOTE_USER, S)                 \
  X(REQBODY_ERROR, S) X(REQBODY_ERROR_MSG, S) X(REQBODY_PROCESSOR, D) X(REQBODY_PROCESSOR_ERROR, S)                          \
  X(REQBODY_PROCESSOR_ERROR_MSG, S) X(REQUEST_BASENAME, S) X(REQUEST_BODY, S) X(REQUEST_BODY_LENGTH, S)                      \
  X(REQUEST_COOKIES, L) X(REQUEST_COOKIES_NAMES, N) X(REQUEST_FILENAME, S) X(REQUEST_HEADERS, L) X(REQUEST_HEADERS_NAMES, N) \
  X(REQUEST_LINE, S) X(REQUEST_METHOD, S) X(REQUEST_PROTOCOL, S) X(REQUEST_URI, S) X(REQUEST_URI_RAW, S)                     \
  X(RESPONSE_BODY, S) X(RESPONSE_CONTENT_LENGTH, S) X(RESPONSE_CONTENT_TYPE, S) X(RESPONSE_HEADERS, L)                       \
  X(RESPONSE_HEADERS_NAMES, N) X(RESPONSE_PROTOCOL, S) X(RESPONSE_STATUS, S) X(SERVER_ADDR, S) X(SERVER_NAME, S)             \
  X(SERVER_PORT, S) X(STATUS_LINE, S) X(UNIQUE_ID, S) X(URLENCODED_ERROR, S) X(XML, L)                                       \
  X(DURATION, D) X(ENV, D) X(GEO, D) X(HIGHEST_SEVERITY, D) X(MATCHED_VAR, D) X(MATCHED_VARS, D) X(MATCHED_VAR_NAME, D)      \
  X(MATCHED_VARS_NAMES, D) X(MODSEC_BUILD, D) X(MSC_PCRE_ERROR, D) X(MSC_PCRE_LIMITS_EXCEEDED, D) X(RULE, D)                 \
  X(SESSIONID, D) X(TIME, D) X(TIME_DAY, D) X(TIME_EPOCH, D) X(TIME_HOUR, D) X(TIME_MIN, D) X(TIME_MON, D) X(TIME_SEC, D)    \
  X(TIME_WDAY, D) X(TIME_YEAR, D) X(USERID, D) X(WEBAPPID, D)                                                                \
  X(TX, C) X(IP, C) X(GLOBAL, C) X(SESSION, C) X(USER, C) X(RESOURCE, C)
// clang-format on

enum class Variable : std::uint8_t {
#define X(name, kind) name,
  BULWARK_WAF_VARIABLES(X)
#undef X
};

enum class VariableKind : std::uint8_t { S, L, N, D, C };

constexpr std::size_t kVariableCount = 0
#define X(name, kind) +1
    BULWARK_WAF_VARIABLES(X)
#undef X
    ;

/// By its upper-case name.
std::optional<Variable> variable_from(std::string_view name);
std::string_view to_string(Variable variable);
VariableKind kind_of(Variable variable);
/// Of a NAMES variable, the list whose names it gives; else the variable itself.
Variable list_of(Variable variable);

}  // namespace bulwark::waf
