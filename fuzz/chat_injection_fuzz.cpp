// The injection guard on any bytes in both channels: never a crash, a span lies inside the text, readings stay few and bounded.
#include <cstdint>
#include <cstdlib>

#include "chat/injection/detector.h"

using namespace bulwark::chat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const injection::Detector detector(
      injection::read_models(injection::built_in_models(), injection::built_in_key().value()).value());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const injection::Normalised normalised = injection::normalise(text);
  if (normalised.readings.empty() || normalised.readings.size() > injection::Normalised::kMaxReadings) abort();
  const injection::Soup soup = detector.gibberish(text, detector.thresholds({}));
  if (!soup.window.empty() && (soup.window.data() < text.data() || soup.window.data() + soup.window.size() > text.data() + text.size()))
    abort();
  for (const Channel channel : {Channel::user, Channel::data}) {
    const injection::Judgement judgement = detector.judge(text, channel);
    if (!judgement.span.empty() &&
        (judgement.span.data() < text.data() || judgement.span.data() + judgement.span.size() > text.data() + text.size()))
      abort();
  }
  return 0;
}
