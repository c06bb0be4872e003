// An event as a JSON object, for people's tools: names as in the fields, words for enums, empty fields left out.
#pragma once

#include "events/store.h"

namespace bulwark::json {
class Writer;
}

namespace bulwark::events {

/// {"id":"17","time":"2026-11-23T01:16:51.042Z","class":"http_activity","plane":"edge",…}. A `detail` that is not JSON is
/// given as a string.
void append_json(json::Writer& writer, const StoredEvent& stored);

}  // namespace bulwark::events
