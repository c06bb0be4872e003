// The shipped models stand inside the program, so that it runs from anywhere.
#include "chat/injection/model_file.h"

// BULWARK_MODELS: the folder models/ (rooms.cmake).
__asm__(
    ".section .rodata\n"
    ".balign 16\n"
    "bulwark_injection_models_begin:\n"
    ".incbin \"" BULWARK_MODELS
    "/injection.bwcm\"\n"
    "bulwark_injection_models_end:\n"
    "bulwark_models_key_begin:\n"
    ".incbin \"" BULWARK_MODELS
    "/signing_key.pub\"\n"
    "bulwark_models_key_end:\n"
    ".previous\n");

extern "C" {
extern const char bulwark_injection_models_begin[];
extern const char bulwark_injection_models_end[];
extern const char bulwark_models_key_begin[];
extern const char bulwark_models_key_end[];
}

namespace bulwark::chat::injection {

std::string_view built_in_models() {
  return {bulwark_injection_models_begin, static_cast<std::size_t>(bulwark_injection_models_end - bulwark_injection_models_begin)};
}

Result<PublicKey> built_in_key() {
  return parse_public_key({bulwark_models_key_begin, static_cast<std::size_t>(bulwark_models_key_end - bulwark_models_key_begin)});
}

}  // namespace bulwark::chat::injection
