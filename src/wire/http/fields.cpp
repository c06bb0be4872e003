// Field lines, strictly, and the framing they announce (RFC 9112 §5, §6; RFC 9110 §7.6.1).
#include <cstring>

#include "wire/http/characters.h"
#include "wire/http/fields_in.h"
#include "wire/http/refusals.h"

namespace bulwark::http {
namespace {

constexpr std::size_t kMaxConnectionOptions = 16;

/// The fields whose imitation with underscores is an attack on framing rather than on forwarding.
bool governs_framing(KnownField field) { return is_hop_by_hop(field) || field == KnownField::host || field == KnownField::content_length; }

/// Why `line` does not begin with a name and a colon.
Refusal refuse_name(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refusals::kNoColon;
  const bool space = colon > 0 && (line[colon - 1] == ' ' || line[colon - 1] == '\t');
  return space ? refusals::kSpaceBeforeColon : refusals::kFieldName;
}

Refusal parse_line(std::string_view line, std::vector<Field>& out) {
  if (line.front() == ' ' || line.front() == '\t') return refusals::kFold;
  const ReadName name = read_name(line);
  if (name.size == 0 || name.size == line.size() || line[name.size] != ':') return refuse_name(line);
  std::string_view value = line.substr(name.size + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  if (!is_field_value(value)) return refusals::kFieldValue;
  if (name.look_alike && governs_framing(name.known)) return refusals::kLookAlike;
  Field& field = out.emplace_back();
  field.name = line.substr(0, name.size);
  field.value = value;
  field.hop_by_hop = name.look_alike || is_hop_by_hop(name.known);
  field.known = name.look_alike ? KnownField::other : name.known;  // "x_forwarded_for": some applications would take it for ours
  return {};
}

Refusal read_option(std::string_view option, std::vector<Field>& fields, Framing& out, bool& close, bool& keep) {
  if (same_name(option, "close")) {
    close = true;
  } else if (same_name(option, "keep-alive")) {
    keep = true;
  } else if (same_name(option, "upgrade")) {
    out.upgrade = true;
  } else {
    bool look_alike = false;
    const KnownField named = known_field(option, look_alike);
    if (!is_token(option) || (named != KnownField::other && !is_hop_by_hop(named))) return refusals::kConnectionOption;
    for (Field& field : fields)
      if (same_name(field.name, option)) field.hop_by_hop = true;
  }
  return {};
}

}  // namespace

bool parse_content_length(std::string_view text, std::uint64_t& out) {
  if (text.empty() || text.size() > 18) return false;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  out = value;
  return true;
}

Refusal parse_fields(std::string_view lines, std::size_t max_fields, std::vector<Field>& out) {
  while (!lines.empty()) {
    if (out.size() == max_fields) return refusals::kTooManyFields;
    const auto* feed = static_cast<const char*>(std::memchr(lines.data(), '\n', lines.size()));
    const std::size_t size = feed != nullptr ? static_cast<std::size_t>(feed - lines.data()) + 1 : lines.size();
    if (size < 3 || lines[size - 2] != '\r' || lines[size - 1] != '\n') return refusals::kBareLf;
    if (const Refusal bad = parse_line(lines.substr(0, size - 2), out)) return bad;
    lines.remove_prefix(size);
  }
  return {};
}

Refusal read_framing(std::vector<Field>& fields, std::uint8_t version, Framing& out) {
  bool close = false;
  bool keep = false;
  std::size_t options = 0;
  Refusal bad;
  for (const Field& field : fields) {
    if (field.known == KnownField::content_length) {
      if (out.has_length) return refusals::kLengthDuplicate;
      if (!parse_content_length(field.value, out.length)) return refusals::kLengthInvalid;
      out.has_length = true;
    } else if (field.known == KnownField::transfer_encoding) {
      if (out.chunked || !same_name(field.value, "chunked")) return refusals::kEncoding;
      out.chunked = true;
    } else if (field.known == KnownField::connection) {
      for_each_element(field.value, [&](std::string_view option) {
        if (!bad && ++options > kMaxConnectionOptions) bad = refusals::kConnectionOption;
        if (!bad) bad = read_option(option, fields, out, close, keep);
      });
      if (bad) return bad;
    }
  }
  if (out.chunked && out.has_length) return refusals::kLengthConflict;
  if (out.chunked && version == 10) return refusals::kEncodingVersion;
  out.keep_alive = !close && (version == 11 || keep);
  return {};
}

}  // namespace bulwark::http
