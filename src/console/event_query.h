// A search of the Events page, from its query string to the store's question. Anything not understood is an error that names
// the parameter, never a silently wider search.
#pragma once

#include "base/result.h"
#include "console/call.h"
#include "events/store.h"

namespace bulwark::console {

/// from, to (milliseconds since 1970), source, trace, plane, class, disposition, severity, user, tenant, rule, text, before, limit.
Result<events::Query> event_query(const Parameters& parameters);

}  // namespace bulwark::console
