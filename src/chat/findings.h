// What the chat guards report: counts and classes, never a value.
#pragma once

#include <cstdint>

#include "chat/mode.h"
#include "chat/pii/kind.h"
#include "gateway/exchange.h"

namespace bulwark::chat {

/// Rule "chat.pii.<kind>", OWASP LLM02:2025 (sensitive information disclosure).
gateway::Finding pii_finding(pii::Kind kind, std::uint32_t count, Mode mode);

}  // namespace bulwark::chat
