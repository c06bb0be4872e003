// The recognisers and what hangs on them: spans are sound, every value is replaced, and every replaced text leads back to itself.
#include "chat/pii/recogniser.h"

#include <sodium.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "chat/injection/model_file.h"
#include "chat/pii/redactor.h"
#include "chat/pii/tagger_file.h"

using namespace bulwark::chat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const auto tagger =
      std::make_shared<const pii::TaggerModel>(pii::read_tagger(pii::built_in_tagger(), injection::built_in_key().value()).value());
  std::vector<pii::Span> spans;
  pii::recognise(text, pii::kAllKinds, spans);
  std::size_t floor = 0;
  for (const pii::Span& span : spans) {
    if (span.begin < floor || span.end <= span.begin || span.end > text.size()) abort();
    floor = span.end;
  }
  pii::Policy policy;
  policy.modes.fill(Mode::mask);
  for (const pii::Kind kind : {pii::Kind::date, pii::Kind::age}) policy.modes[static_cast<std::size_t>(kind)] = Mode::monitor;
  policy.tagger = tagger;
  pii::Pseudonyms pseudonyms(pii::derive({}, "fuzz", "k"));
  pii::Redactor redactor(policy, pseudonyms);
  std::string masked;
  const auto replaced = redactor.rewrite(text, masked);
  if (!replaced.ok() || !*replaced) return 0;
  if (pii::restore(pseudonyms.index(), text) != text) return 0;  // the fuzzer knows the key and wrote a surrogate itself
  if (pii::restore(pseudonyms.index(), masked) != text) abort();
  return 0;
}
