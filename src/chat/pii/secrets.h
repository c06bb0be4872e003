// Finds credentials in text: tokens that say whose they are by their prefix, values that stand beside a word like "password", keys
// in PEM, passwords in URIs and headers, password hashes.
#pragma once

#include <string_view>
#include <vector>

#include "chat/pii/kind.h"

namespace bulwark::chat::pii {

/// Appends spans in order, not overlapping. Linear in the size of the text.
void recognise_secrets(std::string_view text, std::vector<Span>& out);

}  // namespace bulwark::chat::pii
