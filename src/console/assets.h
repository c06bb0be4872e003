// The console's pages as they stand in the binary: every file as is, gzipped and in brotli, with its content hash.
// The table is generated from web/ at build time.
#pragma once

#include <span>
#include <string_view>

namespace bulwark::console {

struct Asset {
  std::string_view path;  ///< "/assets/index-3f2a.js"
  std::string_view content_type;
  std::string_view etag;  ///< quoted, as the header wants it
  std::string_view identity;
  std::string_view gzip;
  std::string_view brotli;
  bool immutable = false;  ///< its name holds its hash: may be cached for ever
};

std::span<const Asset> assets();

/// The asset of that path; for a page's own path ("/events") the page itself; nullptr if neither.
const Asset* find_asset(std::string_view path);

/// The smallest form that `accept_encoding` allows, and the name of its coding (empty: as is).
struct Encoded {
  std::string_view bytes;
  std::string_view coding;
};
Encoded encoded_for(const Asset& asset, std::string_view accept_encoding);

}  // namespace bulwark::console
