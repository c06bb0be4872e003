// HMAC-SHA-256 (RFC 2104): a digest that only holders of the key can make, so that short values cannot be found by trying.
#pragma once

#include <string_view>

#include "crypto/master_key.h"
#include "crypto/token.h"

namespace bulwark::crypto {

Digest hmac_sha256(const Key& key, std::string_view message);

}  // namespace bulwark::crypto
