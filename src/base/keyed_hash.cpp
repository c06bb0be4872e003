// Folded 64×64→128 bit multiplications over 16 bytes a step (the construction of wyhash), keyed at every step.
#include "base/keyed_hash.h"

#include <cstring>

#include "base/id.h"

namespace bulwark {
namespace {

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* at, std::size_t bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, bytes);
  return value;
}

}  // namespace

KeyedHash::KeyedHash() { secure_random(keys_, sizeof keys_); }

std::uint64_t KeyedHash::operator()(std::string_view bytes) const { return (*this)(bytes, 0); }

std::uint64_t KeyedHash::operator()(std::string_view bytes, std::uint64_t salt) const {
  std::uint64_t state = keys_[0] ^ fold(salt ^ keys_[1], bytes.size() ^ keys_[2]);
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left > 16; at += 16, left -= 16) state = fold(load(at, 8) ^ keys_[1], load(at + 8, 8) ^ state);
  const std::uint64_t low = left > 8 ? load(at, 8) : load(at, left);
  const std::uint64_t high = left > 8 ? load(at + 8, left - 8) : 0;
  state = fold(low ^ keys_[1], high ^ state);
  return fold(state ^ keys_[2], keys_[0]);
}

}  // namespace bulwark
