// Reading of URLs.
#include "net/url.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/ip.h"

namespace bulwark::net {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 &&
         std::ranges::all_of(host, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_'; });
}

bool is_target(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\'; });
}

bool read_port(std::string_view text, std::uint16_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out != 0;
}

Result<void> read_authority(std::string_view text, Url& url) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !IpAddress::parse(text.substr(1, end - 1)).ok())
      return config_error("URL with a malformed address");
    url.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (!is_host_name(text.substr(0, colon))) return config_error("URL with a malformed host");
    url.host = text.substr(0, colon);
    port = text.substr(colon);
  }
  std::ranges::transform(url.host, url.host.begin(), [](unsigned char c) { return std::tolower(c); });
  if (!port.empty() && (port.front() != ':' || !read_port(port.substr(1), url.port))) return config_error("URL with a malformed port");
  return {};
}

}  // namespace

std::string Url::authority() const {
  std::string out = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  if (port != (tls ? kHttpsPort : kHttpPort)) out.append(":").append(std::to_string(port));
  return out;
}

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > kMaxBytes) return config_error("URL too long");
  Url url;
  url.tls = text.starts_with("https://");
  if (!url.tls && !text.starts_with("http://")) return config_error("URL that begins with neither https:// nor http://");
  url.port = url.tls ? kHttpsPort : kHttpPort;
  text.remove_prefix(url.tls ? 8 : 7);
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  TRY(read_authority(text.substr(0, end), url));
  const std::string_view target = text.substr(end);
  if (!is_target(target)) return config_error("URL with characters that must be encoded");
  if (!target.empty()) url.target = target.front() == '/' ? std::string(target) : "/" + std::string(target);
  return url;
}

}  // namespace bulwark::net
