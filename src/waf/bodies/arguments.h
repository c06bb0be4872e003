// Named values taken from a query string or a body: views into the input where nothing had to be decoded, else into an arena
// that is reused from request to request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace bulwark::waf {

struct Argument {
  std::string_view name;
  std::string_view value;
};

/// Decoded text that lives until clear(). Never moves what it gave out; keeps its blocks for the next request.
class TextArena {
 public:
  /// `size` writable bytes; give back the unused tail at once with shrink().
  char* allocate(std::size_t size);
  /// The last allocation turned out to need only `used` of its bytes.
  void shrink(const char* last, std::size_t used);
  std::string_view store(std::string_view text);
  std::string_view concat(std::string_view first, std::string_view second);
  void clear();
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kBlock = 16 * 1024;
  static constexpr std::size_t kKeepBlocks = 4;  ///< what a cleared arena holds on to

  struct Block {
    std::unique_ptr<char[]> data;
    std::size_t size = 0;
    std::size_t used = 0;
  };
  std::vector<Block> blocks_;
  std::size_t current_ = 0;
  std::size_t bytes_ = 0;
};

struct ArgumentLimits {
  std::size_t max_arguments = 1000;          ///< SecArgumentsLimit
  std::size_t max_bytes = 16 * 1024 * 1024;  ///< of decoded text in all
};

}  // namespace bulwark::waf
