// What the guards of an answer know of the request that it answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/output_settings.h"
#include "chat/pii/redactor.h"
#include "chat/protocols/request.h"

namespace bulwark::chat::output {

/// Everything it points to outlives the guards.
struct Question {
  const OutputSettings* settings = nullptr;
  const pii::Policy* policy = nullptr;         ///< whose allow-list also holds for answers
  const pii::SurrogateIndex* index = nullptr;  ///< of the surrogates that are alive; may be nullptr
  const Conversation* conversation = nullptr;  ///< as the client sent it; may be nullptr
  std::string canary;                          ///< the token in the system message; empty: none
  std::string prompt;                          ///< what the system and developer messages say

  /// Whether the value stands in the request, so that whoever asked knows it already.
  bool brought(std::string_view value) const;
};

}  // namespace bulwark::chat::output
