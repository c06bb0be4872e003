// Results of any form through the filter that covers columns: whatever passes is well-formed, has the columns that it had, and shows a
// covered column's value nowhere. The first byte says which way the bytes take.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "database/parsed_statement.h"
#include "database/protection/fixed_catalogue.h"
#include "database/protection/result_filter.h"
#include "wire/postgres/rows.h"
#include "wire/postgres/writer.h"

using namespace bulwark;
using namespace bulwark::database;
namespace wp = bulwark::wire::postgres;

namespace {

const std::shared_ptr<const Protection>& protection() {
  static const auto made = [] {
    ProtectionSettings settings;
    settings.masks = {{.column = "users.email", .mask = MaskKind::full},
                      {.column = "users.age", .mask = MaskKind::hash},
                      {.column = "users.born", .mask = MaskKind::partial},
                      {.column = "orders.note", .mask = MaskKind::partial, .keep_first = 1, .keep_last = 2}};
    return FixedCatalogue::protect(settings);
  }();
  return made;
}

/// Every row that passes has as many values as the one that came, and NULL where that had it.
void rows(std::string_view in) {
  ResultFilter filter(protection(), "r", "app");
  const std::size_t split = in.empty() ? 0 : static_cast<std::uint8_t>(in[0]);
  if (!filter.describe(in.substr(std::min<std::size_t>(1, in.size()), split)).ok()) return;
  const std::string_view row = in.substr(std::min(in.size(), 1 + split));
  std::string out;
  if (!filter.wants('D') || !filter.row(row, DateWriting::iso, out).ok()) return;
  std::vector<std::optional<std::string_view>> before;
  std::vector<std::optional<std::string_view>> after;
  if (!wp::read_data_row(row, before).ok() || !wp::read_data_row(out, after).ok() || before.size() != after.size()) abort();
  for (std::size_t i = 0; i < before.size(); ++i)
    if (!before[i] && after[i]) abort();
}

/// A described row of the table: the text that marks the covered column must not come out.
void marked(std::string_view in) {
  constexpr std::string_view kMark = "<secret>";
  ResultFilter filter(protection(), "r", "app");
  const std::uint16_t format = !in.empty() && (in[0] & 1) != 0 ? 1 : 0;
  std::string description;
  wp::Message(description, 'T')
      .u16(2)
      .c_string("e")
      .u32(FixedCatalogue::kUsers)
      .u16(2)
      .u32(in.size() > 1 ? static_cast<std::uint8_t>(in[1]) * 15U : 25)
      .u16(0)
      .u32(0)
      .u16(format)
      .c_string("x")
      .u32(0)
      .u16(0)
      .u32(25)
      .u16(0)
      .u32(0)
      .u16(0)
      .finish();
  if (!filter.describe(std::string_view(description).substr(5)).ok()) abort();
  const std::string value = std::string(in.substr(std::min<std::size_t>(2, in.size()))).append(kMark);
  std::string row;
  wp::Message(row, 'D').u16(2).u32(static_cast<std::uint32_t>(value.size())).bytes(value).u32(1).bytes("x").finish();
  std::string out;
  if (!filter.row(std::string_view(row).substr(5), DateWriting::iso, out).ok()) abort();
  if (out.find(kMark) != std::string::npos) abort();
}

void copies(std::string_view in) {
  static constexpr std::string_view kStatements[] = {
      "copy users to stdout", "copy users (email, id) to stdout (format csv, header)", "copy users to stdout (format binary)",
      "copy orders to stdout (delimiter '|', null 'none')", "copy users to stdout (format csv, quote '''', escape '\\')"};
  static thread_local StatementParser parser;
  const std::size_t which = in.empty() ? 0 : static_cast<std::uint8_t>(in[0]) % std::size(kStatements);
  const auto parsed = parser.parse(kStatements[which], {});
  if (!parsed.ok()) abort();
  ResultFilter filter(protection(), "r", "app");
  const std::size_t columns = which == 1 ? 2 : 4;
  std::string response(1, which == 2 ? '\1' : '\0');
  append_integer(response, columns, 2);
  response.append(2 * columns, '\0');
  if (!filter.begin_copy(response, &(*parsed)->facts()).ok()) abort();
  std::string out;
  for (int message = 0; message < 3; ++message)
    if (!filter.copied(in.substr(std::min<std::size_t>(1, in.size())), DateWriting::iso, out).ok()) return;
}

void errors(std::string_view in) {
  std::string out;
  ResultFilter::write_redacted('E', in, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view in(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: rows(in); break;
    case 1: marked(in); break;
    case 2: copies(in); break;
    default: errors(in);
  }
  return 0;
}
