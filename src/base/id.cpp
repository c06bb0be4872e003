// Random ids: xoshiro256** (Blackman and Vigna, 2018) seeded per thread from the kernel; ids are unique, not secret.
#include "base/id.h"

#include <sys/random.h>

#include <array>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace bulwark {
namespace {

class Xoshiro256 {
 public:
  Xoshiro256() { secure_random(state_.data(), sizeof state_); }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

/// Both digits of each byte: every request writes its ids several times.
constexpr auto kHexPairs = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = kDigits[byte >> 4];
    pairs[2 * byte + 1] = kDigits[byte & 15];
  }
  return pairs;
}();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void secure_random(void* out, std::size_t size) {
  auto* bytes = static_cast<std::uint8_t*>(out);
  while (size > 0) {
    const ssize_t got = getrandom(bytes, size, 0);
    CHECK(got > 0);
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
}

template <std::size_t Bytes>
char* Id<Bytes>::write_hex(char* out) const {
  for (const std::uint8_t byte : bytes) {
    std::memcpy(out, kHexPairs.data() + 2 * byte, 2);
    out += 2;
  }
  return out;
}

template <std::size_t Bytes>
std::string Id<Bytes>::hex() const {
  std::string text(Bytes * 2, '0');
  write_hex(text.data());
  return text;
}

template <std::size_t Bytes>
std::optional<Id<Bytes>> Id<Bytes>::from_hex(std::string_view text) {
  if (text.size() != Bytes * 2) return std::nullopt;
  Id id;
  for (std::size_t i = 0; i < Bytes; ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (id.empty()) return std::nullopt;
  return id;
}

template <std::size_t Bytes>
Id<Bytes> Id<Bytes>::random() {
  static_assert(Bytes % 8 == 0);
  thread_local Xoshiro256 generator;
  Id id;
  for (std::size_t i = 0; i < Bytes; i += 8) {
    const std::uint64_t value = generator.next() | (i == 0 ? 1 : 0);
    __builtin_memcpy(id.bytes.data() + i, &value, 8);
  }
  return id;
}

template struct Id<16>;
template struct Id<8>;

}  // namespace bulwark
