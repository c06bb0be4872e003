// IP addresses and prefixes, IPv4 held as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) so that one type keys every table.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sockaddr;
struct sockaddr_storage;

namespace bulwark {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  bool is_v4() const;
  bool is_loopback() const;
  bool operator==(const IpAddress&) const = default;
  auto operator<=>(const IpAddress&) const = default;
  std::string text() const;
  /// What counts as one source for limits: an IPv4 address, or an IPv6 /64, which is the least that one customer holds.
  std::string_view source_bytes() const;

  static Result<IpAddress> parse(std::string_view text);
  static IpAddress from_sockaddr(const sockaddr* address);
};

/// An address and how many of its leading bits count: "10.0.0.0/8", "2001:db8::/32", or one bare address.
struct IpPrefix {
  IpAddress address;
  std::uint8_t bits = 128;  ///< of the 128-bit form: an IPv4 /8 is 104

  bool contains(const IpAddress& candidate) const;
  std::string text() const;
  static Result<IpPrefix> parse(std::string_view text);
};

/// Where a socket listens or connects: "127.0.0.1:8443", "[::1]:8443".
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
  std::string text() const;
  /// Fills `out`, returns its used length.
  unsigned to_sockaddr(sockaddr_storage& out) const;
  static Result<Endpoint> parse(std::string_view text);
  static Endpoint from_sockaddr(const sockaddr* address);
};

}  // namespace bulwark

template <>
struct std::hash<bulwark::IpAddress> {
  std::size_t operator()(const bulwark::IpAddress& address) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    __builtin_memcpy(&high, address.bytes.data(), 8);
    __builtin_memcpy(&low, address.bytes.data() + 8, 8);
    std::uint64_t mixed = (high ^ 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL ^ low;
    mixed = (mixed ^ (mixed >> 31)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 29);
  }
};
