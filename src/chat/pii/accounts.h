// Names of accounts and of cloud resources: who or what somebody is at a provider, which is no secret by itself but tells an
// attacker where to knock. Amazon resource names and account numbers, buckets, OAuth client ids, shops, login names in settings.
#pragma once

#include <string_view>
#include <vector>

#include "chat/pii/kind.h"

namespace bulwark::chat::pii {

/// Appends spans in order, not overlapping. Linear in the size of the text.
void recognise_accounts(std::string_view text, std::vector<Span>& out);

}  // namespace bulwark::chat::pii
