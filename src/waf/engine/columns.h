// The values that rules look at together (all arguments, all cookie names), as columns: a transformation is applied to a column
// once, and one set of traits tells whether a rule could match any value in it. A transformation that changes none leads back
// to the same column, so that most chains end where they began.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "waf/engine/texts.h"

namespace bulwark::waf {

using ColumnId = std::uint32_t;  ///< 0: the empty column

class Columns {
 public:
  explicit Columns(Texts& texts) : texts_(&texts) { clear(); }
  /// Forgets all columns; call it whenever the texts are cleared.
  void clear();

  /// Begins a column; append() fills it, until the next begin() or transformed().
  ColumnId begin();
  void append(TextId text);

  ColumnId transformed(ColumnId column, Transform transform);
  std::size_t size(ColumnId column) const { return columns_[column].size; }
  TextId text(ColumnId column, std::size_t at) const { return cells_[columns_[column].first + at]; }
  /// Of all values together. Valid until the next call of a non-const member.
  Traits traits(ColumnId column);
  /// False: operator `filter` of the prefilter cannot match any of the values.
  bool possible(ColumnId column, std::uint32_t filter) {
    if (!columns_[column].has_candidates) search(column);
    const Column& of = columns_[column];
    return texts_->prefilter()->possible(filter, of.longest, of.bytes, bits_.data() + of.bits);
  }

 private:
  struct Column {
    std::uint32_t first = 0;  ///< into cells_
    std::uint32_t size = 0;
    bool has_bytes = false;
    bool has_candidates = false;
    std::uint32_t bits = 0;  ///< offset into bits_
    std::size_t longest = 0;
    ByteSet bytes;
    std::array<ColumnId, kTransformCount> results{};  ///< 0: not applied yet
  };
  const ByteSet& bytes(ColumnId column);
  void search(ColumnId column);

  Texts* texts_;
  std::vector<Column> columns_;
  std::vector<TextId> cells_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace bulwark::waf
