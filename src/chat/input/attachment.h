// Attachments in a request, of all dialects: data URLs, base64 with a media type beside it, ids of files at the provider, addresses
// that the provider would fetch.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/json/reader.h"

namespace bulwark::chat::input {

struct Attachment {
  enum class Kind : std::uint8_t { inline_data, file_id, remote_url };
  Kind kind = Kind::inline_data;
  std::string type;         ///< "image/png", lower case; empty if it says none
  std::string_view base64;  ///< of inline data
};

/// All in the document, at most kMaxAttachments. Linear in its size.
std::vector<Attachment> attachments(const json::Value& root);
inline constexpr std::size_t kMaxAttachments = 1'000;

/// Whether the first bytes are those of the type; true for types without known first bytes.
bool begins_like(const Attachment& attachment);

}  // namespace bulwark::chat::input
