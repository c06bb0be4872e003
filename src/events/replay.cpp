// Storing what an earlier process left in the spool.
#include "events/replay.h"

#include <unistd.h>

#include <map>

#include "base/log.h"
#include "events/codec.h"

namespace bulwark::events {
namespace {

constexpr std::size_t kBatch = 4096;

/// Stores the segment's events from `offset` on. True: it ends in a torn record.
Result<bool> store_rest(const Segment& segment, std::size_t offset, Store& store, Replayed& replayed) {
  std::vector<Event> batch;
  Segment::End end{};
  for (bool more = true; more;) {
    batch.clear();
    while (batch.size() < kBatch) {
      const auto record = segment.read(offset, true, end);
      if (!record) {
        more = false;
        break;
      }
      auto event = decode(record->payload);
      if (!event) {
        end = Segment::End::torn;
        more = false;
        break;
      }
      batch.push_back(event.value());
      offset = record->next;
    }
    if (batch.empty()) break;
    const SpoolPosition position{segment.name(), offset};
    TRY(store.append(batch, {&position, 1}));
    replayed.events += batch.size();
  }
  return end == Segment::End::torn;
}

void set_aside(const std::string& path, const std::string& why) {
  log::error("spool segment set aside as {}.damaged: {}", path, why);
  (void)rename(path.c_str(), (path + ".damaged").c_str());
}

}  // namespace

Result<Replayed> replay(const SpoolFolder& folder, Store* store) {
  Replayed replayed;
  std::map<std::string, std::uint64_t> positions;
  if (store != nullptr)
    for (auto& each : TRY(store->positions())) positions[each.spool] = each.offset;

  std::vector<SpoolPosition> done;
  for (const std::string& path : TRY(folder.left_behind())) {
    if (store != nullptr) {
      auto opened = Segment::open(path);
      if (!opened && opened.error().code == Code::not_found) {
        unlink(path.c_str());
        continue;
      }
      if (!opened) {
        set_aside(path, opened.error().message);
        continue;
      }
      const Segment& segment = **opened;
      const auto known = positions.find(segment.name());
      const std::size_t from = known == positions.end() ? Segment::kHeaderBytes : known->second;
      if (TRY(store_rest(segment, from, *store, replayed))) {
        ++replayed.torn;
        log::warn("spool segment {} ends in a torn record: what a power loss cut off is lost", path);
      }
    }
    unlink(path.c_str());
    ++replayed.segments;
  }
  // Positions are forgotten only now that their files are gone: none can be read twice.
  if (store != nullptr) {
    for (auto& each : TRY(store->positions())) done.push_back({each.spool, SpoolPosition::kForget});
    if (!done.empty()) TRY(store->append({}, done));
  }
  return replayed;
}

}  // namespace bulwark::events
