// The embedded driver of the event store: one encrypted SQLite file. What anybody will ask for singly (findings, denials,
// errors) lies in indexed rows; the mass of allowed requests lies in compressed columnar batches. Format: docs/formats/events.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "crypto/master_key.h"
#include "events/store.h"

namespace bulwark::events {

struct EmbeddedStoreOptions {
  std::string path;
  crypto::Key key;
  std::chrono::seconds retention{std::chrono::hours(24 * 30)};  ///< older events are erased by maintain()
  std::uint64_t max_bytes = 10ULL << 30;                        ///< past it the oldest go, whatever their age
};

Result<std::unique_ptr<Store>> open_embedded_store(const EmbeddedStoreOptions& options);

}  // namespace bulwark::events
