// multipart/form-data bodies (RFC 7578) read as strictly as ModSecurity does: whatever two readers could understand differently
// raises a flag of its own, and MULTIPART_STRICT_ERROR is all of them together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waf/bodies/arguments.h"

namespace bulwark::waf {

/// Each is the variable MULTIPART_<NAME>.
struct MultipartFlags {
  bool error = false;  ///< the body could not be understood: REQBODY_ERROR
  bool boundary_quoted = false;
  bool boundary_whitespace = false;
  bool data_before = false;
  bool data_after = false;
  bool header_folding = false;
  bool lf_line = false;
  bool crlf_lf_lines = false;  ///< both kinds of line end occur
  bool missing_semicolon = false;
  bool invalid_quoting = false;
  bool invalid_part = false;
  bool invalid_header_folding = false;
  bool file_limit_exceeded = false;
  std::uint32_t unmatched_boundary = 0;  ///< a line begins with `--` and is no boundary: 2 if it was data of a part, else 1

  /// MULTIPART_STRICT_ERROR
  bool strict_error() const;
};

struct MultipartFile {
  std::string_view field;     ///< FILES_NAMES
  std::string_view filename;  ///< FILES
  std::string_view content;   ///< FILES_TMP_CONTENT; its size is FILES_SIZES
};

struct MultipartLimits {
  ArgumentLimits arguments;
  std::size_t max_parts = 1000;
  std::size_t max_files = 100;  ///< SecUploadFileLimit
  std::size_t max_part_headers = 64;
  std::size_t max_header_bytes = 4096;  ///< of one part header line, as in the reference
};

struct MultipartBody {
  std::vector<Argument> arguments;  ///< ARGS_POST
  std::vector<MultipartFile> files;
  std::vector<Argument> part_headers;  ///< MULTIPART_PART_HEADERS: name of the part, whole header line
  std::string_view boundary;
  MultipartFlags flags;
  std::string error_message;  ///< REQBODY_ERROR_MSG when flags.error, never a client's value

  void clear();
};

/// Reads `body` with the boundary out of `content_type`, into a cleared `out`. Views point into `body` or `arena`.
void parse_multipart(std::string_view content_type, std::string_view body, const MultipartLimits& limits, TextArena& arena,
                     MultipartBody& out);

}  // namespace bulwark::waf
