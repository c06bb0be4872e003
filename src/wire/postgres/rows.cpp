// Parsers of results.
#include "wire/postgres/rows.h"

#include <string>

#include "wire/postgres/cursor.h"

namespace bulwark::wire::postgres {
namespace {

Error malformed(std::string_view what) {
  return upstream_error(Code::invalid, "malformed " + std::string(what) + " message from the server");
}

}  // namespace

Result<std::vector<FieldDescription>> read_row_description(std::string_view body) {
  Cursor cursor(body);
  const auto count = cursor.u16();
  if (!count || *count > kMaxFields) return malformed("RowDescription");
  std::vector<FieldDescription> fields;
  fields.reserve(*count);
  for (std::size_t i = 0; i < *count; ++i) {
    const auto name = cursor.c_string();
    const auto table = cursor.u32();
    const auto attribute = cursor.u16();
    const auto type = cursor.u32();
    const auto size = cursor.u16();
    const auto modifier = cursor.u32();
    const auto format = cursor.u16();
    if (!name || !table || !attribute || !type || !size || !modifier || !format || *format > 1) return malformed("RowDescription");
    fields.push_back({*name, *table, *attribute, *type, static_cast<std::int16_t>(*size), static_cast<std::int32_t>(*modifier), *format});
  }
  if (!cursor.done()) return malformed("RowDescription");
  return fields;
}

Result<void> read_data_row(std::string_view body, std::vector<std::optional<std::string_view>>& values) {
  constexpr std::uint32_t kNull = 0xffffffff;
  values.clear();
  Cursor cursor(body);
  const auto count = cursor.u16();
  if (!count || *count > kMaxFields) return malformed("DataRow");
  for (std::size_t i = 0; i < *count; ++i) {
    const auto size = cursor.u32();
    if (!size) return malformed("DataRow");
    if (*size == kNull) {
      values.emplace_back();
      continue;
    }
    const auto value = cursor.bytes(*size);
    if (!value) return malformed("DataRow");
    values.emplace_back(*value);
  }
  if (!cursor.done()) return malformed("DataRow");
  return {};
}

Result<CopyResponse> read_copy_response(std::string_view body) {
  Cursor cursor(body);
  const auto format = cursor.u8();
  const auto columns = cursor.u16();
  if (!format || !columns || *format > 1 || *columns > kMaxFields || cursor.rest().size() != 2U * *columns)
    return malformed("CopyOutResponse");
  return CopyResponse{*format == 1, *columns};
}

}  // namespace bulwark::wire::postgres
