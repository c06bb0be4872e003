// Telephone numbers in text. A number that begins with '+' or "00" speaks for itself (ITU-T E.164); a national one needs the
// shape of its country's habit or a word like "phone" before it, since order numbers and years look the same.
#pragma once

#include <cstddef>
#include <string_view>

namespace bulwark::chat::pii {

/// The end of the telephone number that begins at `at`, or 0.
std::size_t phone_end(std::string_view text, std::size_t at);

}  // namespace bulwark::chat::pii
