// Master key file and HKDF (over OpenSSL's EVP_KDF).
#include "crypto/master_key.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium/utils.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/check.h"
#include "base/id.h"

namespace bulwark::crypto {
namespace {

constexpr std::string_view kSalt = "bulwark key derivation 1";
constexpr std::size_t kFileBytes = 2 * Key::kBytes + 1;  // hex and a newline

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

void hkdf(std::string_view secret, std::string_view purpose, Key& out) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  CHECK(kdf != nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
  EVP_KDF_free(kdf);
  CHECK(context != nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<char*>(secret.data()), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, const_cast<char*>(kSalt.data()), kSalt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(purpose.data()), purpose.size()),
      OSSL_PARAM_construct_end(),
  };
  CHECK(EVP_KDF_derive(context, out.bytes.data(), out.bytes.size(), params) == 1);
  EVP_KDF_CTX_free(context);
}

Result<void> write_new(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  unlink(fresh.c_str());  // left by a start that was interrupted
  const File file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return errno_error("creating the master key " + fresh);
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || fsync(file.get()) != 0)
    return errno_error("writing the master key " + fresh);
  // link, not rename: of two processes that start at once only one key may win, and both must use it.
  const int linked = link(fresh.c_str(), path.c_str());
  const int why = errno;
  unlink(fresh.c_str());
  if (linked != 0 && why != EEXIST) return errno_error("placing the master key " + path);
  const File folder(open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) (void)fsync(folder.get());
  return {};
}

}  // namespace

Key::~Key() { OPENSSL_cleanse(bytes.data(), bytes.size()); }

Result<MasterKey> MasterKey::load_or_create(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (std::filesystem::create_directories(folder, failed)) chmod(folder.c_str(), 0700);
  if (failed) return internal_error(Code::io, "creating " + folder.string() + ": " + failed.message());

  if (access(path.c_str(), F_OK) != 0) {
    Key fresh;
    secure_random(fresh.bytes.data(), fresh.bytes.size());
    char text[kFileBytes];
    sodium_bin2hex(text, sizeof text, fresh.bytes.data(), fresh.bytes.size());
    text[kFileBytes - 1] = '\n';
    const auto written = write_new(path, {text, sizeof text});
    OPENSSL_cleanse(text, sizeof text);
    TRY(written);
  }

  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat about {};
  if (!file || fstat(file.get(), &about) != 0) return errno_error("opening the master key " + path);
  if ((about.st_mode & 077) != 0)
    return internal_error(Code::denied, "the master key " + path + " may be read by others; set its mode to 0600");
  char text[kFileBytes + 1];
  const ssize_t size = read(file.get(), text, sizeof text);
  MasterKey key;
  std::size_t decoded = 0;
  const bool fine = size >= static_cast<ssize_t>(2 * Key::kBytes) && size <= static_cast<ssize_t>(kFileBytes) &&
                    sodium_hex2bin(key.key_.bytes.data(), Key::kBytes, text, 2 * Key::kBytes, nullptr, &decoded, nullptr) == 0 &&
                    decoded == Key::kBytes;
  OPENSSL_cleanse(text, sizeof text);
  if (!fine) return internal_error(Code::corrupt, "the master key " + path + " is not 64 hex digits");
  return key;
}

Result<MasterKey> MasterKey::from_secret(std::string_view secret) {
  if (secret.size() < kMinSecretBytes || secret.size() > kMaxSecretBytes)
    return config_error("the master key must have at least 32 and at most 4096 bytes");
  MasterKey key;
  hkdf(secret, "master", key.key_);
  return key;
}

Key MasterKey::derive(std::string_view purpose) const {
  Key key;
  hkdf({reinterpret_cast<const char*>(key_.bytes.data()), key_.bytes.size()}, purpose, key);
  return key;
}

}  // namespace bulwark::crypto
