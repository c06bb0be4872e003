// The kinds of personal data that are recognised and replaced, and where one was found.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bulwark::chat::pii {

enum class Kind : std::uint8_t {
  email,
  card,
  iban,
  phone,
  ip,
  secret,
  account,
  ssn,
  url,
  person,
  organisation,
  location,
  address,
  date,
  age,
  group
};
inline constexpr std::size_t kKinds = 16;
inline constexpr std::array<std::string_view, kKinds> kKindNames = {"email",   "card", "iban", "phone",  "ip",           "secret",
                                                                    "account", "ssn",  "url",  "person", "organisation", "location",
                                                                    "address", "date", "age",  "group"};

/// Whether the kind can be replaced by a surrogate that is told apart from the model's own words: a date or an age cannot.
constexpr bool has_surrogate(Kind kind) { return kind != Kind::date && kind != Kind::age; }

constexpr std::string_view to_string(Kind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

using KindSet = std::bitset<kKinds>;
/// Those that a fixed form gives away, without knowing the language.
inline constexpr KindSet kFixedForms{(1ULL << 9) - 1};
/// Those that only the tagger finds.
inline constexpr KindSet kNamed{0xFE00};
inline constexpr KindSet kAllKinds{(1ULL << kKinds) - 1};

/// Bytes [begin, end) of the text that was searched.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  Kind kind = Kind::email;
  bool operator==(const Span&) const = default;
};

}  // namespace bulwark::chat::pii
