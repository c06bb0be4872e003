// md5 and sha1, as raw bytes (rules follow them with hexEncode). Names for values, not protection.
#include <openssl/evp.h>

#include <memory>

#include "base/check.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

/// One algorithm as a thread uses it: looking it up in OpenSSL's providers costs more than the digest of a short value.
class Digest {
 public:
  explicit Digest(const char* name)
      : kind_(EVP_MD_fetch(nullptr, name, nullptr), EVP_MD_free), context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    CHECK(kind_ && context_);
  }

  bool run(std::string_view in, std::string& out) const {
    unsigned size = 0;
    out.resize(EVP_MAX_MD_SIZE);
    auto* bytes = reinterpret_cast<unsigned char*>(out.data());
    CHECK(EVP_DigestInit_ex2(context_.get(), kind_.get(), nullptr) == 1 && EVP_DigestUpdate(context_.get(), in.data(), in.size()) == 1 &&
          EVP_DigestFinal_ex(context_.get(), bytes, &size) == 1);
    out.resize(size);
    return out != in;
  }

 private:
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> kind_;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

bool md5(std::string_view in, std::string& out) {
  thread_local const Digest digest("MD5");
  return digest.run(in, out);
}

bool sha1(std::string_view in, std::string& out) {
  thread_local const Digest digest("SHA1");
  return digest.run(in, out);
}

}  // namespace bulwark::waf::steps
