// A model file whose signature is taken as given: what stands in it is still checked. Signs the fuzzer's bytes and reads them.
#include <sodium.h>

#include <cstdint>
#include <string>

#include "chat/injection/model_file.h"
#include "chat/pii/tagger_file.h"

using namespace bulwark::chat;
using namespace bulwark::chat::injection;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto keys = [] {
    std::pair<PublicKey, SecretKey> made;
    crypto_sign_keypair(made.first.data(), made.second.data());
    return made;
  }();
  std::string file(reinterpret_cast<const char*>(data), size);
  (void)read_models(file, keys.first);
  unsigned char signature[crypto_sign_BYTES];
  crypto_sign_detached(signature, nullptr, data, size, keys.second.data());
  file.append(reinterpret_cast<const char*>(signature), sizeof signature);
  (void)read_models(file, keys.first);
  (void)pii::read_tagger(file, keys.first);
  return 0;
}
