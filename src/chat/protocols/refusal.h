// Refusals in the words each SDK understands: its error class, a code to branch on, and no retry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "chat/protocols/request.h"
#include "gateway/exchange.h"

namespace bulwark::chat {

struct Refusal {
  std::uint16_t status = 403;
  std::string_view rule;     ///< "chat.pii.card"
  std::string_view code;     ///< for programs: "personal_data_blocked"
  std::string_view message;  ///< for people; names no value
  std::string_view param;    ///< the request's field; may be empty
};

gateway::Denial denial(Dialect dialect, const Refusal& refusal, std::string_view request_id);

/// A request that cannot be read: 400, 413, or 415.
gateway::Denial bad_request(Dialect dialect, const Error& error, std::string_view request_id);

}  // namespace bulwark::chat
