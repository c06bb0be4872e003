// Undoes what attackers do to text so that a guard does not recognise it: compatibility forms, look-alikes, invisible and tag
// characters, accents, leet, spaced and hyphenated letters, and the common encodings. Models are trained on the same form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::chat::injection {

/// How a hidden text was hidden.
enum class Evasion : std::uint8_t { none, tags, base64, hex, url, rot13, reversed };
std::string_view to_string(Evasion evasion);

struct Reading {
  Evasion evasion = Evasion::none;
  std::string text;  ///< lower case, single spaces, look-alikes folded
};

struct Normalised {
  std::vector<Reading> readings;  ///< the text itself first, then what was hidden in it; at most kMaxReadings
  std::uint32_t invisible = 0;    ///< zero-width, bidi, tag and variation characters
  std::uint32_t control = 0;      ///< C0 and C1 controls except tab and line ends, so ANSI escapes too

  static constexpr std::size_t kMaxReadings = 8;
};

/// Invalid UTF-8 is read as U+FFFD. Linear in the size of the text.
Normalised normalise(std::string_view text);

/// The folding alone, without looking for encodings.
std::string fold(std::string_view text);

}  // namespace bulwark::chat::injection
