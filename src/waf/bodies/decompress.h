// Undoes the content codings of responses (RFC 9110 §8.4.1: gzip, deflate; RFC 8878: zstd; RFC 7932: br) so that rules can look at
// what the client will see. Bounded by what comes out, whatever goes in.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark::waf {

enum class Coding : std::uint8_t { identity, gzip, deflate, zstd, brotli };

/// Of a Content-Encoding field; nullopt: unknown, or several codings on top of each other.
std::optional<Coding> coding_from(std::string_view field);

/// How decoding ended. `cut`: there is more, past the limit or past the end of what was given.
enum class Decoded : std::uint8_t { whole, cut, broken };

/// Decodes `bytes` into `out` (its former content is dropped), at most `limit` bytes. What came before a fault is kept.
Decoded decompress(Coding coding, std::string_view bytes, std::size_t limit, std::string& out);

}  // namespace bulwark::waf
