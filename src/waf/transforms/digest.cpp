// md5 and sha1, as raw bytes (rules follow them with hexEncode). Names for values, not protection.
#include <openssl/evp.h>

#include "base/check.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

bool digest(std::string_view in, std::string& out, const EVP_MD* kind) {
  unsigned size = 0;
  out.resize(EVP_MAX_MD_SIZE);
  CHECK(EVP_Digest(in.data(), in.size(), reinterpret_cast<unsigned char*>(out.data()), &size, kind, nullptr) == 1);
  out.resize(size);
  return out != in;
}

}  // namespace

bool md5(std::string_view in, std::string& out) { return digest(in, out, EVP_md5()); }
bool sha1(std::string_view in, std::string& out) { return digest(in, out, EVP_sha1()); }

}  // namespace bulwark::waf::steps
