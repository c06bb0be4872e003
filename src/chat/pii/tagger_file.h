// The tagger's model in one signed file (docs/formats/chat-models.md). A file with one bit changed is refused.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/pii/tagger.h"
#include "chat/signed_file.h"

namespace bulwark::chat::pii {

/// Errors, origin config: `corrupt` if the signature does not hold, `invalid` if the content is not what it should be.
Result<TaggerModel> read_tagger(std::string_view file, const PublicKey& key);
std::string write_tagger(const TaggerModel& model, const SecretKey& key);

/// The model that was built into this program; signed with the built-in key.
std::string_view built_in_tagger();

}  // namespace bulwark::chat::pii
