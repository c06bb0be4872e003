// Keys of control entries.
#include "control/key.h"

#include <cstring>

namespace bulwark::control {

std::string_view address_key(const IpAddress& address, unsigned bits, char (&out)[kAddressKeyBytes]) {
  out[0] = static_cast<char>(Subject::ip);
  out[1] = static_cast<char>(bits);
  std::memcpy(out + 2, address.bytes.data(), 16);
  const unsigned whole = bits / 8;
  const unsigned rest = bits % 8;
  if (rest != 0) out[2 + whole] = static_cast<char>(out[2 + whole] & (0xff << (8 - rest)));
  const unsigned cleared_from = whole + (rest != 0 ? 1 : 0);
  std::memset(out + 2 + cleared_from, 0, 16 - cleared_from);
  return {out, kAddressKeyBytes};
}

Result<std::string> entry_key(Subject subject, std::string_view value) {
  if (value.empty()) return client_error(Code::invalid, "a control entry needs a value");
  if (value.size() > Table::kMaxText) return client_error(Code::too_large, "a control entry's value is too long");
  if (subject == Subject::ip) {
    const IpPrefix prefix = TRY(IpPrefix::parse(value));
    char key[kAddressKeyBytes];
    return std::string(address_key(prefix.address, prefix.bits, key));
  }
  std::string key(1, static_cast<char>(subject));
  key += value;
  return key;
}

Result<std::string> canonical_value(Subject subject, std::string_view value) {
  const std::string key = TRY(entry_key(subject, value));
  if (subject != Subject::ip) return std::string(value);
  IpPrefix prefix;
  std::memcpy(prefix.address.bytes.data(), key.data() + 2, 16);
  prefix.bits = static_cast<std::uint8_t>(key_bits(key));
  return prefix.bits == 128 ? prefix.address.text() : prefix.text();
}

}  // namespace bulwark::control
