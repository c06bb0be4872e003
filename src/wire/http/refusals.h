// Every reason for which a message is refused, in one list: rules are named in events, so they do not change lightly.
#pragma once

#include "wire/http/head.h"

namespace bulwark::http::refusals {

inline constexpr Refusal kStartLine{400, "http.start_line", "The start line is malformed."};
inline constexpr Refusal kLineTooLong{414, "http.target_too_long", "The request target is too long."};
inline constexpr Refusal kHeadTooLarge{431, "http.head_too_large", "The header section is too large."};
inline constexpr Refusal kTooManyFields{431, "http.too_many_fields", "There are too many header fields."};
inline constexpr Refusal kBareLf{400, "http.bare_lf", "A line ends in LF without CR."};
inline constexpr Refusal kBareCr{400, "http.bare_cr", "A CR is not followed by LF."};
inline constexpr Refusal kMethod{400, "http.method_invalid", "The method is not a token."};
inline constexpr Refusal kMethodRefused{405, "http.method_refused", "The method is not served here."};
inline constexpr Refusal kTarget{400, "http.target_invalid", "The request target is malformed."};
inline constexpr Refusal kVersion{505, "http.version_unsupported", "The protocol version is not supported."};
inline constexpr Refusal kFieldName{400, "http.field_name_invalid", "A header field's name is not a token."};
inline constexpr Refusal kFieldValue{400, "http.field_value_invalid", "A header field's value holds a control character."};
inline constexpr Refusal kFold{400, "http.obs_fold", "A header field is folded over lines."};
inline constexpr Refusal kSpaceBeforeColon{400, "http.space_before_colon", "White space stands before a header field's colon."};
inline constexpr Refusal kNoColon{400, "http.field_without_colon", "A header line has no colon."};
inline constexpr Refusal kLookAlike{400, "http.look_alike_field", "A header field's name imitates one that governs framing."};
inline constexpr Refusal kHostMissing{400, "http.host_missing", "The Host header field is missing."};
inline constexpr Refusal kHostDuplicate{400, "http.host_duplicate", "There is more than one Host header field."};
inline constexpr Refusal kHostInvalid{400, "http.host_invalid", "The Host header field is malformed."};
inline constexpr Refusal kHostMismatch{400, "http.host_mismatch", "The request target names another host than Host does."};
inline constexpr Refusal kLengthInvalid{400, "http.content_length_invalid", "Content-Length is malformed."};
inline constexpr Refusal kLengthDuplicate{400, "http.content_length_duplicate", "There is more than one Content-Length."};
inline constexpr Refusal kLengthConflict{400, "http.content_length_conflict", "Content-Length and Transfer-Encoding exclude each other."};
inline constexpr Refusal kEncoding{400, "http.transfer_encoding_invalid", "Transfer-Encoding must be exactly chunked, once."};
inline constexpr Refusal kEncodingVersion{400, "http.transfer_encoding_version", "HTTP/1.0 has no Transfer-Encoding."};
inline constexpr Refusal kExpect{417, "http.expect_unknown", "The expectation cannot be met."};
inline constexpr Refusal kConnectionOption{400, "http.connection_option", "Connection names a field that is meant for the server."};
inline constexpr Refusal kUpgrade{400, "http.upgrade_invalid", "The request to change protocols is malformed."};
inline constexpr Refusal kStatus{502, "http.status_invalid", "The status line is malformed."};
inline constexpr Refusal kBodyForbidden{502, "http.body_forbidden", "A response that has no body announces one."};
inline constexpr Refusal kSwitch{502, "http.switch_unasked", "The protocol was changed without being asked to."};
inline constexpr Refusal kChunkSize{400, "http.chunk_size_invalid", "A chunk's size is malformed."};
inline constexpr Refusal kChunkExtension{400, "http.chunk_extension_invalid", "A chunk extension is malformed or too long."};
inline constexpr Refusal kChunkEnd{400, "http.chunk_end_invalid", "A chunk's data is not followed by CRLF."};
inline constexpr Refusal kTrailer{400, "http.trailer_invalid", "The trailer section is malformed."};

}  // namespace bulwark::http::refusals
