// Finds personal data with a fixed form in text: e-mail addresses, payment cards (Luhn), bank accounts (MOD 97), telephone
// numbers, IP addresses, credentials and accounts. Hand-written scanners in one pass each, no regular expressions: they run on every
// prompt.
#pragma once

#include <string_view>
#include <vector>

#include "chat/pii/kind.h"

namespace bulwark::chat::pii {

/// Appends spans of the wanted kinds in order, not overlapping; each lies inside `text`. Time is linear in the size of the text.
void recognise(std::string_view text, const KindSet& wanted, std::vector<Span>& out);

}  // namespace bulwark::chat::pii
