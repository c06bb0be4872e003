// Each reason for which the guard refuses a request or an answer, with the code that clients branch on.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "chat/mode.h"
#include "chat/pii/kind.h"
#include "gateway/exchange.h"

namespace bulwark::chat {

gateway::Verdict refuse_bad(gateway::Exchange& exchange, const Error& error);  ///< 400, 413 or 415: cannot be read
gateway::Verdict refuse_input(gateway::Exchange& exchange, std::string_view check);
gateway::Verdict refuse_pii(gateway::Exchange& exchange, pii::Kind kind);
/// `guard`: "user", "data", "conversation", "gibberish".
gateway::Verdict refuse_injection(gateway::Exchange& exchange, std::string_view guard);
gateway::Verdict refuse_model(gateway::Exchange& exchange);
/// 429 with Retry-After: when the budget's window ends.
gateway::Verdict refuse_budget(gateway::Exchange& exchange, std::string_view budget, Duration wait);
/// For an answer, of which nothing has left or which ends here.
gateway::Denial output_denial(const gateway::Exchange& exchange, std::string_view guard);

}  // namespace bulwark::chat
