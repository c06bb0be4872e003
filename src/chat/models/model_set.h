// The models that are in force together: from two signed files, tried out before they judge anybody. Immutable.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "chat/injection/detector.h"
#include "chat/models/canaries.h"
#include "chat/pii/tagger.h"
#include "chat/settings.h"
#include "crypto/token.h"

namespace bulwark::chat::models {

/// As it was read; nothing of it is believed yet.
struct File {
  std::string bytes;
  crypto::Digest digest{};  ///< SHA-256 of all of it
  bool built_in = false;    ///< signed with the key that came with the program, whatever the configuration says
};

struct Files {
  File injection;
  File tagger;
  bool same_as(const crypto::Digest& other_injection, const crypto::Digest& other_tagger) const {
    return injection.digest == other_injection && tagger.digest == other_tagger;
  }
};

/// What the configuration names. Errors: origin config.
Result<Files> configured_files(const Settings& settings);
File make_file(std::string bytes, bool built_in);

struct ModelSet {
  std::shared_ptr<const injection::Detector> detector;
  std::shared_ptr<const pii::TaggerModel> tagger;
  crypto::Digest injection_digest{};
  crypto::Digest tagger_digest{};
  std::string trial;  ///< in words

  /// "injection 2026-11-23 (1f2e3d4c5b6a) and tagger 2026-11-23 (…)"
  std::string in_words() const;
};

/// Checks the signatures, reads, and tries the canaries. Errors, origin config: what is wrong with which file; `denied` if a canary was
/// missed too often.
Result<ModelSet> make_set(const Files& files, const Settings& settings);

/// The first twelve digits of a digest: enough to tell files apart.
std::string short_digest(const crypto::Digest& digest);

}  // namespace bulwark::chat::models
