// The rows of COPY table TO STDOUT in its three formats: taken apart into values and put together again
// (https://www.postgresql.org/docs/15/sql-copy.html, "File Formats").
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "database/parsed_statement.h"
#include "database/protection/value.h"

namespace bulwark::database {

struct CopyFormat {
  enum class Kind : std::uint8_t { text, csv, binary };
  Kind kind = Kind::text;
  char delimiter = '\t';
  char quote = '"';
  char escape = '"';
  std::string null = "\\N";
  bool header = false;

  /// From the statement's options. Nothing for one that is not known here.
  static std::optional<CopyFormat> of(const CopyOut& statement);
};

/// Rewrites copied rows one by one; the server sends each in a message of its own.
class CopyRows {
 public:
  /// What becomes of the value; nothing: NULL. Not asked for NULLs.
  using Rewrite = std::function<Result<std::optional<std::string>>(std::size_t index, std::string_view value)>;

  /// `rewritten`: for each column, whether it is. The others pass as they were written.
  CopyRows(CopyFormat format, std::vector<bool> rewritten) : format_(std::move(format)), rewritten_(std::move(rewritten)) {}

  Format value_format() const { return format_.kind == CopyFormat::Kind::binary ? Format::binary : Format::text; }
  /// Appends the row to `out`. Errors: upstream/invalid for what is no row of this format.
  Result<void> row(std::string_view data, const Rewrite& rewrite, std::string& out);

 private:
  Result<void> text_row(std::string_view data, const Rewrite& rewrite, std::string& out) const;
  Result<void> csv_row(std::string_view data, const Rewrite& rewrite, std::string& out) const;
  Result<void> binary_rows(std::string_view data, const Rewrite& rewrite, std::string& out);
  void append_text(std::string_view value, std::string& out) const;
  void append_csv(std::string_view value, std::string& out) const;

  CopyFormat format_;
  std::vector<bool> rewritten_;
  bool begun_ = false;
};

}  // namespace bulwark::database
