// A request's inputs as the app will see them, decoded, for the set of requests in flight.
#pragma once

#include "gateway/exchange.h"
#include "trace/in_flight.h"

namespace bulwark::gateway {

/// Query parameters, fields, cookies, what stages found, and the parameters of a body that was collected whole (form or JSON).
void collect_inputs(const Exchange& exchange, trace::Context& into);

/// application/x-www-form-urlencoded decoding of one name or value; malformed escapes stay as they are.
std::string decode_form(std::string_view text);

}  // namespace bulwark::gateway
