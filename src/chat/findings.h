// What the chat guards report: counts and classes, never a value.
#pragma once

#include <cstdint>
#include <span>

#include "chat/injection/detector.h"
#include "chat/mode.h"
#include "chat/pii/kind.h"
#include "chat/protocols/request.h"
#include "gateway/exchange.h"

namespace bulwark::chat {

/// Rule "chat.pii.<kind>", OWASP LLM02:2025 (sensitive information disclosure).
gateway::Finding pii_finding(pii::Kind kind, std::uint32_t count, Mode mode);

/// Rule "chat.injection.<channel>", OWASP LLM01:2025 (prompt injection). Says where the decisive text stands, not what it says.
gateway::Finding injection_finding(const Part& part, const injection::Judgement& judgement, Mode mode);

/// What a turn of the user was found to be.
struct Said {
  std::size_t message = 0;  ///< its number in the request
  float score = 0;          ///< log odds above the threshold of a turn by itself
  injection::Evidence evidence;
};

/// Rule "chat.injection.conversation": names the latest turns, oldest first, with the score of each by itself.
gateway::Finding escalation_finding(std::span<const Said> said, float score, Mode mode);

/// Rule "chat.injection.gibberish": where the window stands that reads like no text.
gateway::Finding gibberish_finding(const Part& part, const injection::Soup& soup, Mode mode);

/// Rule "chat.output.<guard>": `what` was found in the model's answer.
gateway::Finding output_finding(std::string_view guard, std::string_view what, Mode mode);

/// Rule "chat.input.<check>", OWASP LLM01:2025: the form of a prompt (MITRE ATLAS: obfuscation of prompts).
gateway::Finding input_finding(std::string_view check, std::string_view what, Mode mode);

/// Rule "chat.budget.<name>", OWASP LLM10:2025 (unbounded consumption), MITRE ATLAS AML.T0034 (cost harvesting).
gateway::Finding budget_finding(std::string_view budget);

/// Rule "chat.model.fallback" or "chat.model.retry": `model` is asked now. `status`: of the answer before; 0: there was none.
gateway::Finding fallback_finding(std::string_view model, std::uint16_t status, bool other);

/// Rule "chat.conversations.lost": more is said than the disk takes.
gateway::Finding not_kept_finding();

}  // namespace bulwark::chat
