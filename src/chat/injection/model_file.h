// The guard's models in one signed file (docs/formats/chat-models.md). A file with one bit changed is refused.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/injection/alarm_curve.h"
#include "chat/injection/document.h"
#include "chat/injection/gibberish.h"
#include "chat/injection/linear_model.h"
#include "chat/signed_file.h"

namespace bulwark::chat::injection {

struct Models {
  std::string name;             ///< "injection 2026-11-23", for events and cards
  LinearModel direct;           ///< scores a user's turn
  LinearModel segment;          ///< scores a segment of a document
  DocumentFeatures document{};  ///< weights of what view_document() sees
  LinearModel soup;             ///< tells strings that an optimiser made
  AlarmCurve turn_alarms;       ///< of honest turns
  AlarmCurve document_alarms;
  AlarmCurve conversation_alarms;
  AlarmCurve soup_alarms;
};

/// Errors, origin config: `corrupt` if the signature does not hold, `invalid` if the content is not what it should be.
Result<Models> read_models(std::string_view file, const PublicKey& key);
std::string write_models(const Models& models, const SecretKey& key);

/// The models that were built into this program, and the key they are signed with.
std::string_view built_in_models();
Result<PublicKey> built_in_key();

}  // namespace bulwark::chat::injection
