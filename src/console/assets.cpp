#include "console/assets.h"

#include <algorithm>
#include <array>

namespace bulwark::console {
namespace {

/// Paths that the page's own router draws; anything else unknown is a 404, so that a typing error shows as one.
constexpr std::array<std::string_view, 6> kPages = {"/", "/live", "/events", "/alerts", "/people", "/account"};

const Asset* find_file(std::string_view path) {
  const auto all = assets();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Asset& each) { return each.path == path; });
  return found == all.end() ? nullptr : &*found;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Whether the list names the coding without a weight of zero (RFC 9110 §12.5.3); `*` counts for nothing here.
bool accepts(std::string_view list, std::string_view coding) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto item = trimmed(list.substr(0, comma));
    const auto semicolon = item.find(';');
    if (trimmed(item.substr(0, semicolon)) == coding) {
      const auto weight = semicolon == item.npos ? std::string_view{} : trimmed(item.substr(semicolon + 1));
      return weight != "q=0" && !weight.starts_with("q=0.0");
    }
    if (comma == list.npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

const Asset* find_asset(std::string_view path) {
  if (std::find(kPages.begin(), kPages.end(), path) != kPages.end()) return find_file("/index.html");
  return find_file(path);
}

Encoded encoded_for(const Asset& asset, std::string_view accept_encoding) {
  Encoded best{asset.identity, {}};
  if (accepts(accept_encoding, "gzip") && asset.gzip.size() < best.bytes.size()) best = {asset.gzip, "gzip"};
  if (accepts(accept_encoding, "br") && asset.brotli.size() < best.bytes.size()) best = {asset.brotli, "br"};
  return best;
}

}  // namespace bulwark::console
