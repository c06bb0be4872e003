// The results of one session on their way to a client from which columns are kept: finds out which columns a result has, and covers
// their values row by row. Nothing is held back but the row at hand. No I/O.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "database/protection/copy_rows.h"
#include "database/protection/protection.h"

namespace bulwark::database {

struct ShapeFacts;

class ResultFilter {
 public:
  ResultFilter(std::shared_ptr<const Protection> protection, std::string role, std::string database)
      : protection_(std::move(protection)), role_(std::move(role)), database_(std::move(database)), strict_(protection_->covers(role_)) {}

  /// Columns are kept from this role: what cannot be told is withheld, and errors lose what they quote. Else columns are only opened.
  bool strict() const { return strict_; }

  /// Whether server messages of this type must come here as a whole.
  bool wants(char type) const;

  /// RowDescription of the rows that come next. Errors: conflict, for a column of which it cannot be told what it is.
  Result<void> describe(std::string_view body);
  /// The same as the client gets it: encrypted columns with the type that clients see. Appends a body.
  Result<void> write_description(std::string_view body, std::string& out) const;
  /// The next statement has no rows.
  void describe_nothing() { state_ = State::idle; }
  /// CopyOutResponse. `facts`: of the statement that runs; nullptr: unknown.
  Result<void> begin_copy(std::string_view body, const ShapeFacts* facts);
  /// Body of a DataRow or CopyData: appends the body that takes its place.
  Result<void> row(std::string_view body, DateWriting dates, std::string& out);
  Result<void> copied(std::string_view body, DateWriting dates, std::string& out);
  /// The fields of an error or a notice without those that quote rows and statements.
  static void write_redacted(char type, std::string_view body, std::string& out);

  /// How many values of which column were covered since the last call. Ends the result.
  using Counts = std::vector<std::pair<std::string, std::uint64_t>>;
  Counts take_counts();

 private:
  enum class State : std::uint8_t { idle, rows, copy_through, copy };
  struct Task {
    std::size_t index;
    const Mask* mask;            ///< may be nullptr
    const ColumnCipher* cipher;  ///< may be nullptr
    ValueForm form;
    std::size_t count;  ///< index into counts_
  };

  void add_task(std::size_t index, const CatalogueRelation& relation, const CatalogueColumn& column, ValueForm form);
  std::size_t counter(const std::string& name);
  Result<std::optional<std::string>> shown(const Task& task, std::string_view value, DateWriting dates);
  bool concerns(const CatalogueColumn& column) const {
    return protection_->mask(column, role_) != nullptr || protection_->cipher(column, type_oid::kBytea) != nullptr;
  }
  bool concerns(const CatalogueRelation& relation) const;

  std::shared_ptr<const Protection> protection_;
  std::string role_;
  std::string database_;
  bool strict_;
  State state_ = State::idle;
  std::vector<Task> tasks_;  ///< by index
  std::optional<CopyRows> copy_;
  std::vector<std::optional<std::string_view>> values_;  ///< reused
  Counts counts_;
};

}  // namespace bulwark::database
