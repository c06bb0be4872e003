// Key sets as an issuer may send them: no input crashes the reader, and a set it takes has keys within its limits.
#include "base/check.h"
#include "identity/jwks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const auto keys = identity::KeySet::parse({reinterpret_cast<const char*>(data), size});
  if (!keys.ok()) return 0;
  CHECK(keys->size() > 0 && keys->size() <= identity::KeySet::kMaxKeys);
  for (const auto algorithm : {crypto::JoseAlgorithm::rs256, crypto::JoseAlgorithm::es256, crypto::JoseAlgorithm::eddsa})
    if (const auto* key = keys->find("", algorithm); key != nullptr) CHECK(!key->verify("message", std::string(64, '\1')));
  return 0;
}
