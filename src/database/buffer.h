// Bytes received and not yet dealt with: appended at the end, consumed from the front, compacted when that is cheap.
#pragma once

#include <string>
#include <string_view>

namespace bulwark::database {

class Buffer {
 public:
  std::string_view view() const { return std::string_view(bytes_).substr(at_); }
  std::size_t size() const { return bytes_.size() - at_; }
  bool empty() const { return size() == 0; }

  void append(std::string_view more) {
    if (at_ > 0 && (at_ == bytes_.size() || at_ >= kCompactAt)) {
      bytes_.erase(0, at_);
      at_ = 0;
    }
    bytes_.append(more);
  }
  void consume(std::size_t count) {
    at_ += count;
    if (at_ < bytes_.size()) return;
    at_ = 0;
    if (bytes_.capacity() > kKeepCapacity) {
      std::string().swap(bytes_);
    } else {
      bytes_.clear();
    }
  }

 private:
  static constexpr std::size_t kCompactAt = 64 * 1024;
  static constexpr std::size_t kKeepCapacity = 64 * 1024;  // an idle session holds no more
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace bulwark::database
