// Lookups in one immutable state of the table, and the copy-a-part edits that lead from one state to the next.
#include <algorithm>
#include <unordered_map>

#include "base/check.h"
#include "control/key.h"
#include "control/part.h"
#include "control/table.h"

namespace bulwark::control {
namespace {

constexpr unsigned kAddressBits = 128;

bool refuses(Kind kind) { return kind != Kind::throttle; }

std::size_t part_of(std::string_view key) { return std::hash<std::string_view>{}(key) % Snapshot::kParts; }

}  // namespace

Snapshot::Snapshot() = default;
Snapshot::Snapshot(const Snapshot& other) = default;
Snapshot::~Snapshot() = default;

const Entry* Snapshot::find_key(bool refusing, std::string_view key, WallTime now) const {
  const auto& part = parts_[part_of(key)];
  if (part == nullptr) return nullptr;
  const auto [first, last] = part->by_key.equal_range(key);
  for (auto each = first; each != last; ++each)
    if (each->second.expires > now && refuses(each->second.kind) == refusing) return &each->second;
  return nullptr;
}

const Entry* Snapshot::same(std::string_view key, Kind kind) const {
  const auto& part = parts_[part_of(key)];
  if (part == nullptr) return nullptr;
  const auto [first, last] = part->by_key.equal_range(key);
  const auto found = std::find_if(first, last, [&](const auto& each) { return each.second.kind == kind; });
  return found == last ? nullptr : &found->second;
}

const Entry* Snapshot::find_text(bool refusing, Subject subject, std::string_view value, WallTime now) const {
  if (by_subject_[static_cast<std::size_t>(subject)] == 0 || value.empty() || value.size() > Table::kMaxText) return nullptr;
  char key[1 + Table::kMaxText];
  key[0] = static_cast<char>(subject);
  value.copy(key + 1, value.size());
  return find_key(refusing, {key, value.size() + 1}, now);
}

const Entry* Snapshot::find_address(bool refusing, const IpAddress& client, WallTime now) const {
  if (by_subject_[static_cast<std::size_t>(Subject::ip)] == 0) return nullptr;
  char key[kAddressKeyBytes];
  if (by_prefix_[kAddressBits] != 0)
    if (const Entry* entry = find_key(refusing, address_key(client, kAddressBits, key), now)) return entry;
  if (by_prefix_[kAddressBits] == by_subject_[static_cast<std::size_t>(Subject::ip)]) return nullptr;
  for (unsigned bits = 0; bits < kAddressBits; ++bits)
    if (by_prefix_[bits] != 0)
      if (const Entry* entry = find_key(refusing, address_key(client, bits, key), now)) return entry;
  return nullptr;
}

const Entry* Snapshot::find(bool refusing, const IpAddress& client, const trace::Principal* principal, WallTime now) const {
  if (empty()) return nullptr;
  if (const Entry* entry = find_address(refusing, client, now)) return entry;
  if (principal == nullptr) return nullptr;
  if (const Entry* entry = find_text(refusing, Subject::user, principal->user, now)) return entry;
  if (const Entry* entry = find_text(refusing, Subject::tenant, principal->tenant, now)) return entry;
  if (const Entry* entry = find_text(refusing, Subject::credential, principal->credential_id, now)) return entry;
  if (principal->credential != trace::Credential::session) return nullptr;
  return find_text(refusing, Subject::session, principal->credential_id, now);
}

const Entry* Snapshot::refusal(const IpAddress& client, const trace::Principal* principal, WallTime now) const {
  return find(true, client, principal, now);
}

const Entry* Snapshot::refusal_for_role(std::string_view role, WallTime now) const {
  return find_text(true, Subject::database_role, role, now);
}

const Entry* Snapshot::throttle(const IpAddress& client, const trace::Principal* principal, WallTime now) const {
  return find(false, client, principal, now);
}

std::vector<Entry> Snapshot::entries() const {
  std::vector<Entry> all;
  all.reserve(size_);
  for (const auto& part : parts_)
    if (part != nullptr)
      for (const auto& [key, entry] : part->by_key) all.push_back(entry);
  std::sort(all.begin(), all.end(),
            [](const Entry& a, const Entry& b) { return a.created != b.created ? a.created > b.created : a.id < b.id; });
  return all;
}

void Snapshot::count(const std::string& key, int by) {
  by_subject_[static_cast<std::size_t>(key_subject(key))] += static_cast<std::uint32_t>(by);
  if (key_subject(key) == Subject::ip) by_prefix_[key_bits(key)] += static_cast<std::uint32_t>(by);
  size_ += static_cast<std::size_t>(by);
}

void Snapshot::insert(const std::string& key, Entry entry) {
  auto& slot = parts_[part_of(key)];
  auto next = slot == nullptr ? std::make_shared<Part>() : std::make_shared<Part>(*slot);
  const auto [first, last] = next->by_key.equal_range(key);
  const auto same = std::find_if(first, last, [&](const auto& each) { return each.second.kind == entry.kind; });
  next->earliest = std::min(next->earliest, entry.expires);
  if (same != last) {
    same->second = std::move(entry);
  } else {
    next->by_key.emplace(key, std::move(entry));
    count(key, 1);
  }
  slot = std::move(next);
}

void Snapshot::erase(std::size_t part, const EntryId& id) {
  auto next = std::make_shared<Part>(*parts_[part]);
  for (auto each = next->by_key.begin(); each != next->by_key.end(); ++each)
    if (each->second.id == id) {
      count(each->first, -1);
      next->by_key.erase(each);
      break;
    }
  parts_[part] = std::move(next);
}

}  // namespace bulwark::control
