// After a kill -9: what an earlier process published and did not get into the store is stored now.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "events/spool.h"
#include "events/store.h"

namespace bulwark::events {

struct Replayed {
  std::uint64_t events = 0;
  std::uint64_t segments = 0;
  std::uint64_t torn = 0;  ///< segments that end in a record with a wrong checksum: a power loss, not a kill
};

/// Goes through the segments left behind, oldest first, from where the store says they were read to, then deletes them.
/// A segment that is not ours or is damaged is set aside under the suffix ".damaged". `store` may be nullptr: all is dropped.
Result<Replayed> replay(const SpoolFolder& folder, Store* store);

}  // namespace bulwark::events
