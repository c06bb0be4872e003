// What the chat guards report: counts and classes, never a value.
#pragma once

#include <cstdint>

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

/// Rule "chat.output.<guard>": `what` was found in the model's answer.
gateway::Finding output_finding(std::string_view guard, std::string_view what, Mode mode);

/// Rule "chat.input.<check>", OWASP LLM01:2025: the form of a prompt (MITRE ATLAS: obfuscation of prompts).
gateway::Finding input_finding(std::string_view check, std::string_view what, Mode mode);

}  // namespace bulwark::chat
