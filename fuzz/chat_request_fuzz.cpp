// A client's request body: read, collected and masked; what comes out is JSON again, and the reply's restorer undoes the masking.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "chat/protocols/masking.h"
#include "chat/protocols/request.h"
#include "chat/protocols/restoring.h"

using namespace bulwark;
using namespace bulwark::chat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = json::Document::parse({reinterpret_cast<const char*>(data), size}, {.max_bytes = 64 * 1024, .max_depth = 32});
  if (!document.ok()) return 0;
  const auto conversation = read_conversation(*document, {});
  if (conversation.ok()) (void)conversation->opening();
  pii::Policy policy;
  policy.modes.fill(Mode::mask);
  pii::Pseudonyms pseudonyms(pii::derive({}, "fuzz", "k"));
  pii::Redactor redactor(policy, pseudonyms);
  MaskingRewriter rewriter(redactor);
  std::string body;
  json::Writer writer(body);
  if (!transcribe(document->root(), rewriter, writer).ok()) return 0;
  if (!json::Document::parse(body).ok()) abort();
  if (!json::Document::parse(restore_reply(pseudonyms.index(), body)).ok()) abort();
  return 0;
}
