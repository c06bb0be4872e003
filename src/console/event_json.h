// Events as the console's pages read them.
#pragma once

#include <string>

#include "events/store.h"

namespace bulwark::json {
class Writer;
}

namespace bulwark::console {

enum class Detail : std::uint8_t { leave_out, include };

/// One object: {"id":"17","time":1700000000123,"class":"http_activity","plane":"edge",…}. Times in milliseconds since 1970;
/// empty fields are left out. A detail that is not JSON (cut at its limit) is given as a string.
void append_event(json::Writer& writer, const events::Event& event, events::EventId id, Detail detail);

}  // namespace bulwark::console
