// Columnar batches: any bytes give events whose texts lie inside them, or an Error; a selection gives part of the whole.
#include <cstdlib>

#include "events/embedded/batch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark::events;
  const auto all = embedded::read_batch({data, size});
  if (!all) return 0;
  std::size_t bytes = 0;
  for (const auto& each : *all)
    for (std::size_t text = 0; text < kTexts; ++text)
      for (const char c : each.event.*text_field(text)) bytes += static_cast<unsigned char>(c) != 0 ? 1 : 0;
  if (bytes > size) std::abort();
  if (all->empty()) return 0;
  const auto some = embedded::read_batch({data, size}, {.source = all->front().event.source, .trace = {}});
  if (!some || some->empty() || some->size() > all->size() || some->front().id != all->front().id) std::abort();
  return 0;
}
