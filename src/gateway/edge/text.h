// Appends to a bounded piece of memory whose need was computed before: heads are written without an allocation or a copy more.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace bulwark::gateway {

class TextCursor {
 public:
  TextCursor(char* at, std::size_t room) : begin_(at), at_(at), end_(at + room) {}
  TextCursor& add(std::string_view text) {
    CHECK(text.size() <= static_cast<std::size_t>(end_ - at_));
    if (!text.empty()) std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  TextCursor& add(std::uint64_t number) {
    at_ = std::to_chars(at_, end_, number).ptr;
    return *this;
  }
  TextCursor& field(std::string_view name, std::string_view value) { return add(name).add(": ").add(value).add("\r\n"); }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  char* begin_;
  char* at_;
  char* end_;
};

}  // namespace bulwark::gateway
