// A first certificate for machines that have none yet: ECDSA P-256, signed by itself, CA:TRUE so that a test can trust it.
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/id.h"
#include "base/ip.h"
#include "net/tls.h"

namespace bulwark::net {
namespace {

constexpr std::size_t kMaxCommonName = 64;  // RFC 5280, ub-common-name

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { Free(object); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO, BIO_free_all>>;

Error failed(const char* step) { return internal_error(Code::io, std::string("cannot make a certificate: ") + step); }

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

/// Only characters of host names and addresses, since the list is in OpenSSL's own configuration syntax.
Result<std::string> alternative_names(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:*") != std::string::npos)
      return config_error("not a host name or address");
    list.append(list.empty() ? "" : ",").append(IpAddress::parse(name).ok() ? "IP:" : "DNS:").append(name);
  }
  if (list.empty()) return config_error("a certificate needs a name");
  return list;
}

template <class Write>
std::string to_pem(Write write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || write(bio.get()) != 1) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Result<SelfSigned> make_self_signed(const std::vector<std::string>& names, int days) {
  const std::string alternatives = TRY(alternative_names(names));
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate(X509_new());
  if (!key || !certificate) return failed("key");
  X509* made = certificate.get();
  X509_set_version(made, X509_VERSION_3);
  std::uint64_t serial = 0;
  secure_random(&serial, sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), serial >> 1 | 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -3600);  // a machine whose clock is a little behind trusts it too
  X509_time_adj_ex(X509_getm_notAfter(made), days, 0, nullptr);
  X509_NAME* subject = X509_get_subject_name(made);
  const std::string common = names.front().substr(0, kMaxCommonName);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common.data()),
                             static_cast<int>(common.size()), -1, 0);
  if (X509_set_issuer_name(made, subject) != 1 || X509_set_pubkey(made, key.get()) != 1) return failed("names");
  if (!add_extension(made, NID_subject_alt_name, alternatives) || !add_extension(made, NID_basic_constraints, "critical,CA:TRUE") ||
      !add_extension(made, NID_key_usage, "critical,digitalSignature,keyCertSign") ||
      !add_extension(made, NID_ext_key_usage, "serverAuth,clientAuth") || !add_extension(made, NID_subject_key_identifier, "hash"))
    return failed("extensions");
  if (X509_sign(made, key.get(), EVP_sha256()) == 0) return failed("signature");
  SelfSigned result;
  result.certificate_pem = to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, made); });
  result.key_pem = to_pem([&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  if (result.certificate_pem.empty() || result.key_pem.empty()) return failed("PEM");
  return result;
}

}  // namespace bulwark::net
