// The shipped tagger stands inside the program, so that it runs from anywhere.
#include "chat/pii/tagger_file.h"

// BULWARK_MODELS: the folder models/ (rooms.cmake).
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    "bulwark_tagger_begin:\n"
    ".incbin \"" BULWARK_MODELS
    "/tagger.bwpt\"\n"
    "bulwark_tagger_end:\n"
    ".previous\n");

extern "C" {
extern const char bulwark_tagger_begin[];
extern const char bulwark_tagger_end[];
}

namespace bulwark::chat::pii {

std::string_view built_in_tagger() { return {bulwark_tagger_begin, static_cast<std::size_t>(bulwark_tagger_end - bulwark_tagger_begin)}; }

}  // namespace bulwark::chat::pii
