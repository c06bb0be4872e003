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

}  // namespace bulwark::chat
