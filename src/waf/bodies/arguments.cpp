#include "waf/bodies/arguments.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace bulwark::waf {

char* TextArena::allocate(std::size_t size) {
  while (current_ < blocks_.size() && blocks_[current_].size - blocks_[current_].used < size) ++current_;
  if (current_ == blocks_.size()) {
    const std::size_t block = std::max(size, kBlock);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block), block, 0});
  }
  Block& block = blocks_[current_];
  char* text = block.data.get() + block.used;
  block.used += size;
  bytes_ += size;
  return text;
}

void TextArena::shrink(const char* last, std::size_t used) {
  Block& block = blocks_[current_];
  const auto begin = static_cast<std::size_t>(last - block.data.get());
  CHECK(begin + used <= block.used);
  bytes_ -= block.used - (begin + used);
  block.used = begin + used;
}

std::string_view TextArena::store(std::string_view text) {
  if (text.empty()) return {};
  char* copy = allocate(text.size());
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

std::string_view TextArena::concat(std::string_view first, std::string_view second) {
  char* copy = allocate(first.size() + second.size());
  std::copy(first.begin(), first.end(), copy);
  std::copy(second.begin(), second.end(), copy + first.size());
  return {copy, first.size() + second.size()};
}

void TextArena::clear() {
  // A block that one large value asked for is not kept.
  std::erase_if(blocks_, [](const Block& block) { return block.size > kBlock; });
  if (blocks_.size() > kKeepBlocks) blocks_.resize(kKeepBlocks);
  for (Block& block : blocks_) block.used = 0;
  current_ = 0;
  bytes_ = 0;
}

}  // namespace bulwark::waf
