// Whether a value reads as SQL injection: it is cut into SQL tokens in each of the contexts an attacker may break out of, the
// tokens are folded to at most five, and their types make a fingerprint that is looked up.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace bulwark::waf::sqli {

inline constexpr std::size_t kMaxFingerprint = 5;

enum class Quoting : char;
enum class Dialect : char;

/// Up to five token types, such as "s&1c".
class Fingerprint {
 public:
  bool empty() const { return size_ == 0; }
  std::string_view text() const { return {types_.data(), size_}; }
  void push_back(char type) { types_[size_++] = type; }
  void clear() { size_ = 0; }

 private:
  std::array<char, kMaxFingerprint> types_{};
  std::size_t size_ = 0;
};

/// The fingerprint of the first context in which the value is an injection; empty if it is none.
Fingerprint detect(std::string_view value);

/// The fingerprint in one context, injection or not.
Fingerprint fingerprint_of(std::string_view value, Quoting quoting, Dialect dialect);

}  // namespace bulwark::waf::sqli
