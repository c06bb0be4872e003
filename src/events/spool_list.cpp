// The list of spools.
#include "events/spool_list.h"

#include "base/check.h"
#include "events/codec.h"

namespace bulwark::events {

Event decode_own(std::span<const std::uint8_t> payload) {
  auto event = decode(payload);
  CHECK(event.ok());
  return *event;
}

std::uint32_t SpoolList::next_index() {
  const std::lock_guard lock(mutex_);
  return indices_++;
}

Result<Publisher*> SpoolList::add(std::unique_ptr<Spool> spool) {
  const std::lock_guard lock(mutex_);
  if (members_.size() >= kMaxSpools) return internal_error(Code::exhausted, "too many event publishers");
  members_.push_back(std::make_unique<Member>());
  members_.back()->dispatched = spool->begin();
  members_.back()->spool = std::move(spool);
  return static_cast<Publisher*>(members_.back()->spool.get());
}

Spool* SpoolList::at(std::size_t i, std::vector<Spool::Cursor>& cursors) const {
  const std::lock_guard lock(mutex_);
  if (i >= members_.size()) return nullptr;
  Spool* spool = members_[i]->spool.get();
  if (cursors.size() <= i) cursors.push_back(spool->begin());
  return spool;
}

bool SpoolList::all_read(const std::vector<Spool::Cursor>& cursors) const {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (members_[i]->spool->published() != (i < cursors.size() ? cursors[i].sequence : 0)) return false;
  return true;
}

std::vector<std::uint64_t> SpoolList::published() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> counts;
  for (const auto& member : members_) counts.push_back(member->spool->published());
  return counts;
}

Result<void> SpoolList::prepare() {
  const std::lock_guard lock(mutex_);
  Result<void> first;
  for (const auto& member : members_)
    if (auto made = member->spool->prepare(); !made && first.ok()) first = std::move(made);
  return first;
}

void SpoolList::note_dispatched(std::size_t i, const Spool::Cursor& cursor) {
  const std::lock_guard lock(mutex_);
  if (members_[i]->dispatched.segment != cursor.segment) members_[i]->dispatched = cursor;
}

void SpoolList::release(std::size_t i, const Spool::Cursor& kept, std::vector<std::string>& released) {
  const std::lock_guard lock(mutex_);
  Member& member = *members_[i];
  // The one that is further behind decides; both places are in the list, so whichever comes first there stops the release.
  member.spool->release_before(kept, member.dispatched, released);
}

void SpoolList::release_all() {
  const std::lock_guard lock(mutex_);
  for (const auto& member : members_) member->spool->release_all();
}

}  // namespace bulwark::events
