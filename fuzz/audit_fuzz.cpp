// What somebody may have put into the audit log's files: frames, headers, notes, keys and proofs as they are read.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "audit/checkpoint.h"
#include "audit/frame.h"
#include "audit/proof.h"

using namespace bulwark::audit;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto verifier = [] {
    return NoteVerifier::of("bulwark/audit", bulwark::crypto::SigningKey::from_seed(bulwark::crypto::Key()));
  }();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)read_header(input);
  Frame frame;
  for (std::string_view rest = input; read_frame(rest, frame) == FrameStatus::whole; rest.remove_prefix(frame.bytes)) {
    if (frame.bytes > rest.size() || frame.body.size() + kFrameOverhead != frame.bytes) std::abort();
    std::string again;
    write_frame(again, frame.kind, frame.number, frame.body, frame.hash);
    if (again != rest.substr(0, frame.bytes)) std::abort();
  }
  (void)verifier.open(input).ok();
  if (const auto key = NoteVerifier::parse(input); key.ok() && key->text() != input) std::abort();
  (void)check_inclusion(input, "entry", verifier).ok();
  return 0;
}
