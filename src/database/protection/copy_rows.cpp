// A row is read once; what passes is copied from it.
#include "database/protection/copy_rows.h"

#include <algorithm>

#include "wire/postgres/cursor.h"

namespace bulwark::database {
namespace {

Error no_row() { return upstream_error(Code::invalid, "PostgreSQL sent copied data that is no row of the format asked for"); }

bool truth(std::string_view text) { return text == "true" || text == "on" || text == "1" || text == "match"; }
bool falsehood(std::string_view text) { return text == "false" || text == "off" || text == "0"; }

std::string_view without_line_end(std::string_view data) {
  if (data.ends_with('\n')) data.remove_suffix(1);
  return data;
}

/// \N is told from the text before this; \ooo and \xhh are read by the server but never written.
std::string unescaped(std::string_view field) {
  std::string out;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      out.push_back(field[i]);
      continue;
    }
    switch (field[++i]) {
      case 'b': out.push_back('\b'); break;
      case 'f': out.push_back('\f'); break;
      case 'n': out.push_back('\n'); break;
      case 'r': out.push_back('\r'); break;
      case 't': out.push_back('\t'); break;
      case 'v': out.push_back('\v'); break;
      default: out.push_back(field[i]);
    }
  }
  return out;
}

}  // namespace

std::optional<CopyFormat> CopyFormat::of(const CopyOut& statement) {
  CopyFormat made;
  const auto option = [&](std::string_view name) -> const std::string* {
    for (const auto& each : statement.options)
      if (each.first == name) return &each.second;
    return nullptr;
  };
  if (const auto* format = option("format"); format != nullptr) {
    if (*format != "text" && *format != "csv" && *format != "binary") return std::nullopt;
    made.kind = *format == "csv" ? Kind::csv : *format == "binary" ? Kind::binary : Kind::text;
  }
  if (made.kind == Kind::csv) {
    made.delimiter = ',';
    made.null.clear();
  }
  for (const auto& [name, value] : statement.options) {
    if (name == "format" || name == "force_quote") continue;
    if (name == "header") {
      if (!truth(value) && !falsehood(value)) return std::nullopt;
      made.header = truth(value);
    } else if (name == "null") {
      made.null = value;
    } else if ((name == "delimiter" || name == "quote" || name == "escape") && value.size() == 1) {
      (name == "delimiter" ? made.delimiter : name == "quote" ? made.quote : made.escape) = value[0];
    } else if (name != "encoding" || (value != "UTF8" && value != "utf8" && value != "UTF-8" && value != "utf-8")) {
      return std::nullopt;
    }
  }
  if (option("quote") != nullptr && option("escape") == nullptr) made.escape = made.quote;
  return made;
}

Result<void> CopyRows::row(std::string_view data, const Rewrite& rewrite, std::string& out) {
  if (format_.kind == CopyFormat::Kind::binary) return binary_rows(data, rewrite, out);
  const bool header = format_.header && !begun_;
  begun_ = true;
  if (header) {
    out.append(data);
    return {};
  }
  return format_.kind == CopyFormat::Kind::csv ? csv_row(data, rewrite, out) : text_row(data, rewrite, out);
}

Result<void> CopyRows::text_row(std::string_view data, const Rewrite& rewrite, std::string& out) const {
  const std::string_view line = without_line_end(data);
  std::size_t index = 0;
  for (std::size_t begin = 0; begin <= line.size(); ++index) {
    if (index == rewritten_.size()) return no_row();
    std::size_t end = begin;
    while (end < line.size() && line[end] != format_.delimiter) end += line[end] == '\\' ? 2 : 1;
    end = std::min(end, line.size());
    const std::string_view field = line.substr(begin, end - begin);
    if (index > 0) out.push_back(format_.delimiter);
    if (field == format_.null || !rewritten_[index]) {
      out.append(field);
    } else if (const auto made = TRY(rewrite(index, unescaped(field))); made) {
      append_text(*made, out);
    } else {
      out.append(format_.null);
    }
    begin = end + 1;
  }
  if (index != rewritten_.size()) return no_row();
  out.append(data.substr(line.size()));
  return {};
}

void CopyRows::append_text(std::string_view value, std::string& out) const {
  constexpr std::string_view kNamed = "\b\f\n\r\t\v";
  constexpr std::string_view kLetters = "bfnrtv";
  for (const char c : value) {
    const auto named = kNamed.find(c);
    if (named != std::string_view::npos || c == '\\' || c == format_.delimiter) out.push_back('\\');
    out.push_back(named != std::string_view::npos ? kLetters[named] : c);
  }
}

/// A quoted field may hold delimiters and line ends; an unquoted one that equals the text for NULL is NULL.
Result<void> CopyRows::csv_row(std::string_view data, const Rewrite& rewrite, std::string& out) const {
  const std::string_view line = without_line_end(data);
  std::size_t index = 0;
  for (std::size_t begin = 0; begin <= line.size(); ++index) {
    if (index == rewritten_.size()) return no_row();
    std::string value;
    std::size_t at = begin;
    bool quoted = false;
    for (bool inside = false; at < line.size() && (inside || line[at] != format_.delimiter); ++at) {
      const char c = line[at];
      const char next = at + 1 < line.size() ? line[at + 1] : '\0';
      if (inside && c == format_.escape && at + 1 < line.size() && (next == format_.quote || next == format_.escape)) {
        value.push_back(next);
        ++at;
      } else if (c == format_.quote) {
        inside = !inside;
        quoted = true;
      } else {
        value.push_back(c);
      }
    }
    if (index > 0) out.push_back(format_.delimiter);
    if (!rewritten_[index] || (!quoted && value == format_.null)) {
      out.append(line.substr(begin, std::min(at, line.size()) - begin));
    } else if (const auto made = TRY(rewrite(index, value)); made) {
      append_csv(*made, out);
    } else {
      out.append(format_.null);
    }
    begin = at + 1;
  }
  if (index != rewritten_.size()) return no_row();
  out.append(data.substr(line.size()));
  return {};
}

void CopyRows::append_csv(std::string_view value, std::string& out) const {
  out.push_back(format_.quote);
  for (const char c : value) {
    if (c == format_.quote || c == format_.escape) out.push_back(format_.escape);
    out.push_back(c);
  }
  out.push_back(format_.quote);
}

/// The first message begins with the file's header; the last holds a field count of -1 alone.
Result<void> CopyRows::binary_rows(std::string_view data, const Rewrite& rewrite, std::string& out) {
  using wire::postgres::Cursor;
  constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
  Cursor cursor(data);
  if (!begun_) {
    const auto signature = cursor.bytes(kSignature.size());
    const auto flags = cursor.u32();
    const auto extension = flags ? cursor.u32() : std::nullopt;
    if (!signature || *signature != kSignature || !extension || *flags != 0 || !cursor.bytes(*extension)) return no_row();
    out.append(data.substr(0, data.size() - cursor.rest().size()));
    begun_ = true;
  }
  while (!cursor.done()) {
    const auto count = cursor.u16();
    if (!count) return no_row();
    append_integer(out, *count, 2);
    if (*count == 0xffff && cursor.done()) return {};
    if (*count != rewritten_.size()) return no_row();
    for (std::size_t index = 0; index < rewritten_.size(); ++index) {
      const auto size = cursor.u32();
      const bool null = size && *size == 0xffffffff;
      const auto value = size && !null ? cursor.bytes(*size) : std::nullopt;
      if (!null && !value) return no_row();
      if (null || !rewritten_[index]) {
        append_integer(out, *size, 4);
        if (!null) out.append(*value);
        continue;
      }
      const auto made = TRY(rewrite(index, *value));
      append_integer(out, made ? made->size() : 0xffffffff, 4);
      if (made) out.append(*made);
    }
  }
  return {};
}

}  // namespace bulwark::database
