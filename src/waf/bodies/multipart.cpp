#include "waf/bodies/multipart.h"

#include <algorithm>

#include "waf/bodies/multipart_header.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::string_view kDashes = "--";
constexpr std::string_view kDisposition = "Content-Disposition";

/// One header of a part; folded lines are joined in the arena.
struct Header {
  std::string_view name;
  std::string_view value;
};

/// Reads the body line by line, as ModSecurity does, so that its flags mean the same.
class MultipartReader {
 public:
  MultipartReader(std::string_view body, const MultipartLimits& limits, TextArena& arena, MultipartBody& out)
      : body_(body), limits_(limits), arena_(arena), out_(out) {}

  void run() {
    std::size_t at = 0;
    while (at < body_.size() && !out_.flags.error) {
      const std::size_t newline = body_.find('\n', at);
      const std::size_t end = newline == kNone ? body_.size() : newline + 1;
      read_line(at, end);
      at = end;
    }
    if (out_.flags.error) return;
    if (!complete_) fail(boundaries_ == 0 ? "the multipart body has no boundary line" : "the multipart body has no final boundary");
  }

 private:
  void fail(std::string_view message) {
    if (out_.flags.error) return;
    out_.flags.error = true;
    out_.flags.invalid_part = out_.flags.invalid_part || in_part_;
    out_.error_message = message;
  }

  /// The line [begin, end), its line end included.
  void read_line(std::size_t begin, std::size_t end) {
    const std::string_view line = body_.substr(begin, end - begin);
    if (complete_) {
      out_.flags.data_after = true;
      return;
    }
    if (in_headers_) return read_header(line, end);
    if (line.starts_with(kDashes) && read_boundary(line, begin)) return;
    if (!in_part_) out_.flags.data_before = true;  // the extent of a part's data is known when the next boundary comes
  }

  /// False if the line is no boundary after all, only data that looks like one.
  bool read_boundary(std::string_view line, std::size_t begin) {
    std::string_view rest = line.substr(kDashes.size());
    if (!rest.starts_with(out_.boundary)) {
      note_near_miss(rest);
      return false;
    }
    rest.remove_prefix(out_.boundary.size());
    const bool final = rest.starts_with(kDashes);
    if (final) rest.remove_prefix(kDashes.size());
    note_line_end(body_.substr(0, begin));
    if (rest == "\r\n" || rest == "\n") {
      note_line_end(rest);
    } else if (!(rest.empty() && final)) {
      fail("a boundary line of the multipart body has more behind the boundary");
      return true;
    }
    if (rest.empty() && boundaries_ == 0) fail("the multipart body has only a final boundary");
    ++boundaries_;
    end_part(begin);
    if (out_.flags.error) return true;
    complete_ = final;
    if (!final) begin_part();
    return true;
  }

  /// A line that some readers may take for the boundary.
  void note_near_miss(std::string_view rest) {
    if (out_.flags.boundary_quoted && rest.starts_with('"') && rest.substr(1).starts_with(out_.boundary)) {
      return fail("a boundary line of the multipart body is quoted");
    }
    std::size_t blanks = 0;
    while (blanks < rest.size() && is_space(rest[blanks])) ++blanks;
    if (blanks > 0 && rest.substr(blanks).starts_with(out_.boundary)) {
      return fail("a boundary line of the multipart body begins with white space");
    }
    out_.flags.unmatched_boundary = 1;
    holds_boundary_ = holds_boundary_ || rest.find(out_.boundary) != kNone;
  }

  /// Of boundaries, part headers and the line end that belongs to a boundary; data may hold what it likes.
  void note_line_end(std::string_view line) {
    if (line.ends_with("\r\n"))
      crlf_seen_ = true;
    else if (line.ends_with('\n'))
      out_.flags.lf_line = true;
    out_.flags.crlf_lf_lines = out_.flags.lf_line && crlf_seen_;
  }

  void begin_part() {
    if (++parts_ > limits_.max_parts) return fail("the multipart body has too many parts");
    in_part_ = true;
    in_headers_ = true;
    if (parts_ == 1) holds_boundary_ = false;  // what stood before the first boundary is no part's
    headers_.clear();
    disposition_ = {};
  }

  /// The part's data ends before the line end that belongs to the boundary.
  void end_part(std::size_t boundary_begin) {
    if (!in_part_) return;
    in_part_ = false;
    // A line like a boundary that a real one follows was data, unless it holds the boundary itself.
    if (out_.flags.unmatched_boundary == 1 && !holds_boundary_) out_.flags.unmatched_boundary = 2;
    std::string_view data = body_.substr(data_begin_, boundary_begin - data_begin_);
    // Without a line end of its own the boundary follows the headers at once: some readers take it for data.
    if (data.empty()) out_.flags.invalid_part = true;
    if (data.ends_with('\n')) data.remove_suffix(data.ends_with("\r\n") ? 2 : 1);
    keep_part(data);
  }

  void keep_part(std::string_view data) {
    if (disposition_.filename.empty()) {  // a form whose file field was left empty sends filename=""
      if (out_.arguments.size() >= limits_.arguments.max_arguments) return fail("the multipart body has too many arguments");
      out_.arguments.push_back({disposition_.name, data});
    } else if (out_.files.size() >= limits_.max_files) {
      out_.flags.file_limit_exceeded = true;
    } else {
      out_.files.push_back({disposition_.name, disposition_.filename, data});
    }
  }

  void read_header(std::string_view line, std::size_t line_end) {
    if (line.size() > limits_.max_header_bytes) return fail("a part header of the multipart body is too long");
    note_line_end(line);
    if (line == "\r\n" || line == "\n") return end_headers(line_end);
    if (is_space(line.front())) return fold_header(line);
    const std::size_t colon = line.find(':');
    const std::size_t name_end = std::min(colon, line.find('\0'));
    if (colon == kNone || name_end != colon) return fail("a part header of the multipart body has no colon");
    if (colon == 0) return fail("a part header of the multipart body has no name");
    const std::string_view name = line.substr(0, colon);
    if (equals_ignoring_case(name, kDisposition) && find_header(kDisposition) != nullptr) {
      return fail("a part of the multipart body repeats Content-Disposition");
    }
    if (headers_.size() >= limits_.max_part_headers) return fail("a part of the multipart body has too many headers");
    headers_.push_back({name, without_blanks(line.substr(colon + 1))});
  }

  /// A line that begins with white space continues the header before it.
  void fold_header(std::string_view line) {
    out_.flags.header_folding = true;
    if (line.front() != ' ' && line.front() != '\t') out_.flags.invalid_header_folding = true;
    if (headers_.empty()) return fail("a part of the multipart body begins with a folded header");
    Header& header = headers_.back();
    const std::string_view more = without_line_end(line);
    if (header.value.size() + more.size() > limits_.max_header_bytes) return fail("a part header of the multipart body is too long");
    header.value = arena_.concat(header.value, more);
  }

  static std::string_view without_line_end(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    return line;
  }
  static std::string_view without_blanks(std::string_view value) {
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    return without_line_end(value);
  }

  const Header* find_header(std::string_view name) const {
    for (const Header& header : headers_) {
      if (equals_ignoring_case(header.name, name)) return &header;
    }
    return nullptr;
  }

  void end_headers(std::size_t data_begin) {
    in_headers_ = false;
    data_begin_ = data_begin;
    const Header* found = find_header(kDisposition);
    if (found == nullptr) return fail("a part of the multipart body has no Content-Disposition");
    disposition_ = parse_disposition(found->value, arena_, out_.flags);
    if (!disposition_.valid) return fail("a Content-Disposition of the multipart body is invalid");
    if (disposition_.name.empty()) return fail("a Content-Disposition of the multipart body has no name");
    for (const Header& header : headers_) {
      const std::string_view named = arena_.concat(header.name, ": ");
      out_.part_headers.push_back({disposition_.name, arena_.concat(named, header.value)});
    }
  }

  std::string_view body_;
  const MultipartLimits& limits_;
  TextArena& arena_;
  MultipartBody& out_;
  std::vector<Header> headers_;
  Disposition disposition_;
  std::size_t parts_ = 0;
  std::size_t boundaries_ = 0;
  std::size_t data_begin_ = 0;
  bool in_part_ = false;
  bool in_headers_ = false;
  bool complete_ = false;
  bool crlf_seen_ = false;
  bool holds_boundary_ = false;  ///< some line that begins with `--` and is no boundary
};

}  // namespace

bool MultipartFlags::strict_error() const {
  return error || boundary_quoted || boundary_whitespace || data_before || data_after || header_folding || lf_line || missing_semicolon ||
         invalid_quoting || invalid_part || invalid_header_folding || file_limit_exceeded;
}

void MultipartBody::clear() {
  arguments.clear();
  files.clear();
  part_headers.clear();
  boundary = {};
  flags = {};
  error_message.clear();
}

void parse_multipart(std::string_view content_type, std::string_view body, const MultipartLimits& limits, TextArena& arena,
                     MultipartBody& out) {
  out.clear();
  std::string_view message;
  out.boundary = multipart_boundary(content_type, out.flags, message);
  if (out.flags.error) {
    out.error_message = message;
    return;
  }
  MultipartReader(body, limits, arena, out).run();
}

}  // namespace bulwark::waf
