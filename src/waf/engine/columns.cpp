// Memoised as texts are, one level up.
#include "waf/engine/columns.h"

#include <algorithm>

namespace bulwark::waf {

void Columns::clear() {
  constexpr std::size_t kKeepCells = 16 * 1024;
  columns_.clear();
  cells_.clear();
  bits_.clear();
  if (cells_.capacity() > kKeepCells) cells_.shrink_to_fit();
  columns_.emplace_back();
}

ColumnId Columns::begin() {
  columns_.emplace_back().first = static_cast<std::uint32_t>(cells_.size());
  return static_cast<ColumnId>(columns_.size() - 1);
}

void Columns::append(TextId text) {
  cells_.push_back(text);
  ++columns_.back().size;
}

const ByteSet& Columns::bytes(ColumnId column) {
  Column& of = columns_[column];
  if (of.has_bytes) return of.bytes;
  of.has_bytes = true;
  for (std::size_t i = 0; i < of.size; ++i) of.bytes.unite(texts_->present(text(column, i)));
  return of.bytes;
}

ColumnId Columns::transformed(ColumnId column, Transform transform) {
  const auto which = static_cast<std::size_t>(transform);
  if (columns_[column].size == 0) return column;
  if (const ColumnId known = columns_[column].results[which]; known != 0) return known;
  const ByteSet* touched = touched_by(transform);
  ColumnId result = column;
  if (touched == nullptr || bytes(column).meets(*touched)) {
    const std::size_t size = columns_[column].size;
    result = begin();
    bool changed = false;
    for (std::size_t i = 0; i < size; ++i) {
      const TextId before = text(column, i);
      const TextId after = texts_->transformed(before, transform);
      changed |= after != before;
      append(after);
    }
    if (!changed) {
      cells_.resize(cells_.size() - size);
      columns_.pop_back();
      result = column;
    }
  }
  columns_[column].results[which] = result;
  return result;
}

void Columns::search(ColumnId column) {
  (void)bytes(column);
  Column& of = columns_[column];
  const std::size_t words = texts_->words();
  of.has_candidates = true;
  of.bits = static_cast<std::uint32_t>(bits_.size());
  bits_.resize(bits_.size() + words, 0);
  for (std::size_t i = 0; i < of.size; ++i) {
    const Traits one = texts_->traits(text(column, i));
    of.longest = std::max(of.longest, one.longest);
    for (std::size_t word = 0; word < words; ++word) bits_[of.bits + word] |= one.candidates[word];
  }
}

Traits Columns::traits(ColumnId column) {
  if (!columns_[column].has_candidates) search(column);
  const Column& of = columns_[column];
  return {of.longest, of.bytes, {bits_.data() + of.bits, texts_->words()}};
}

}  // namespace bulwark::waf
