// The slots of a reactor's timers: one rotation is 65 s, so that ordinary timeouts are touched only when they fire.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace bulwark::net {

/// Circular intrusive lists, one a slot, with a bitmap of the slots in use to find the next wake-up. `Link` has next and previous.
template <class Link, std::size_t Slots>
class TimerWheel {
  static_assert(Slots % 64 == 0 && (Slots & (Slots - 1)) == 0);

 public:
  TimerWheel() {
    for (auto& head : heads_) head.next = head.previous = &head;
  }

  void insert(Link& link, std::uint64_t tick) {
    const std::size_t slot = tick % Slots;
    Link& head = heads_[slot];
    link.previous = head.previous;
    link.next = &head;
    head.previous->next = &link;
    head.previous = &link;
    used_[slot / 64] |= 1ULL << (slot % 64);
  }
  static void remove(Link& link) {
    link.previous->next = link.next;
    link.next->previous = link.previous;
    link.next = link.previous = nullptr;
  }

  /// Moves all links of a slot to `list` (an empty circular head).
  void take(std::uint64_t tick, Link& list) {
    const std::size_t slot = tick % Slots;
    used_[slot / 64] &= ~(1ULL << (slot % 64));
    Link& head = heads_[slot];
    if (head.next == &head) return;
    list.next = head.next;
    list.previous = head.previous;
    list.next->previous = &list;
    list.previous->next = &list;
    head.next = head.previous = &head;
  }

  /// Ticks from `tick` (exclusive) to the next slot in use; a slot emptied by remove() may still count as used once.
  std::optional<std::uint64_t> distance_to_next(std::uint64_t tick) {
    std::size_t slot = (tick + 1) % Slots;
    for (std::uint64_t walked = 0; walked <= Slots;) {
      const std::uint64_t word = used_[slot / 64] >> (slot % 64);
      if (word == 0) {
        walked += 64 - slot % 64;
        slot = (slot / 64 + 1) * 64 % Slots;
        continue;
      }
      const auto zeros = static_cast<unsigned>(__builtin_ctzll(word));
      slot += zeros;
      walked += zeros;
      if (heads_[slot].next != &heads_[slot]) return walked + 1;
      used_[slot / 64] &= ~(1ULL << (slot % 64));
    }
    return std::nullopt;
  }

 private:
  std::array<Link, Slots> heads_;
  std::array<std::uint64_t, Slots / 64> used_{};
};

}  // namespace bulwark::net
