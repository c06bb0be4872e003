// Rows of results: what RowDescription says about their columns, and the values of DataRow. For gateways that look into results;
// https://www.postgresql.org/docs/15/protocol-message-formats.html
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::wire::postgres {

inline constexpr std::size_t kMaxFields = 1664;  ///< the server's own limit (MaxTupleAttributeNumber)

struct FieldDescription {
  std::string_view name;
  std::uint32_t table = 0;      ///< object id of the table that the column comes from as it is; 0: computed
  std::uint16_t attribute = 0;  ///< its number there; 0: none
  std::uint32_t type = 0;
  std::int16_t size = 0;
  std::int32_t modifier = -1;
  std::uint16_t format = 0;  ///< 0 text, 1 binary
};
/// Errors: upstream/invalid for what is malformed or has more than kMaxFields.
Result<std::vector<FieldDescription>> read_row_description(std::string_view body);

/// Fills `values`; nothing stands for NULL. Errors as above.
Result<void> read_data_row(std::string_view body, std::vector<std::optional<std::string_view>>& values);

/// CopyOutResponse: the overall format and the number of columns.
struct CopyResponse {
  bool binary = false;
  std::uint16_t columns = 0;
};
Result<CopyResponse> read_copy_response(std::string_view body);

}  // namespace bulwark::wire::postgres
