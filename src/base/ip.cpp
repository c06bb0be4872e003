// Text and sockaddr forms of addresses, prefixes and endpoints.
#include "base/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

namespace bulwark {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

IpAddress from_v4(const void* four_bytes) {
  IpAddress address;
  std::memcpy(address.bytes.data(), kV4Mapped.data(), kV4Mapped.size());
  std::memcpy(address.bytes.data() + 12, four_bytes, 4);
  return address;
}

template <class Number>
bool parse_number(std::string_view text, Number max, Number& out) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return false;
  out = static_cast<Number>(value);
  return true;
}

}  // namespace

bool IpAddress::is_v4() const { return std::memcmp(bytes.data(), kV4Mapped.data(), kV4Mapped.size()) == 0; }

std::string_view IpAddress::source_bytes() const {
  constexpr std::size_t kSiteBytes = 8;
  return {reinterpret_cast<const char*>(bytes.data()), is_v4() ? bytes.size() : kSiteBytes};
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  IpAddress one;
  one.bytes[15] = 1;
  return *this == one;
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN];
  if (!is_v4()) {
    inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
    return buffer;
  }
  char* end = buffer;  // by hand: asked for with every request, and inet_ntop(3) goes through printf
  for (std::size_t i = 12; i < 16; ++i) {
    if (i > 12) *end++ = '.';
    end = std::to_chars(end, buffer + sizeof buffer, bytes[i]).ptr;
  }
  return {buffer, end};
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer) return client_error(Code::invalid, "not an IP address");
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  in_addr v4{};
  if (inet_pton(AF_INET, buffer, &v4) == 1) return from_v4(&v4);
  IpAddress address;
  if (inet_pton(AF_INET6, buffer, address.bytes.data()) == 1) return address;
  return client_error(Code::invalid, "not an IP address");
}

IpAddress IpAddress::from_sockaddr(const sockaddr* address) { return Endpoint::from_sockaddr(address).address; }

bool IpPrefix::contains(const IpAddress& candidate) const {
  const std::size_t whole = bits / 8;
  if (std::memcmp(address.bytes.data(), candidate.bytes.data(), whole) != 0) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return ((address.bytes[whole] ^ candidate.bytes[whole]) & mask) == 0;
}

std::string IpPrefix::text() const {
  const bool v4 = address.is_v4() && bits >= 96;
  return address.text() + "/" + std::to_string(v4 ? bits - 96 : bits);
}

Result<IpPrefix> IpPrefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  IpPrefix prefix;
  prefix.address = TRY(IpAddress::parse(text.substr(0, slash)));
  if (slash == std::string_view::npos) return prefix;
  // How it is written decides what its length counts: ::ffff:192.0.2.0/120 is IPv6.
  const bool v4 = text.find(':') == std::string_view::npos;
  std::uint8_t length = 0;
  if (!parse_number<std::uint8_t>(text.substr(slash + 1), v4 ? 32 : 128, length)) return client_error(Code::invalid, "not a prefix length");
  prefix.bits = static_cast<std::uint8_t>(v4 ? 96 + length : length);
  return prefix;
}

std::string Endpoint::text() const {
  const std::string host = address.is_v4() ? address.text() : "[" + address.text() + "]";
  return host + ":" + std::to_string(port);
}

unsigned Endpoint::to_sockaddr(sockaddr_storage& out) const {
  std::memset(&out, 0, sizeof out);
  if (address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(out);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, address.bytes.data() + 12, 4);
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, address.bytes.data(), 16);
  return sizeof v6;
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return client_error(Code::invalid, "expected address:port");
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  Endpoint endpoint;
  endpoint.address = TRY(IpAddress::parse(host == "localhost" ? "127.0.0.1" : host));
  if (!parse_number<std::uint16_t>(text.substr(colon + 1), 65535, endpoint.port))
    return client_error(Code::invalid, "expected a port between 0 and 65535");
  return endpoint;
}

Endpoint Endpoint::from_sockaddr(const sockaddr* address) {
  Endpoint endpoint;
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    endpoint.address = from_v4(&v4->sin_addr);
    endpoint.port = ntohs(v4->sin_port);
  } else if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    std::memcpy(endpoint.address.bytes.data(), &v6->sin6_addr, 16);
    endpoint.port = ntohs(v6->sin6_port);
  }
  return endpoint;
}

}  // namespace bulwark
