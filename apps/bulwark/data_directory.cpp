// Directories and the few files that the composition root makes itself.
#include "bulwark/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace bulwark::app {
namespace {

constexpr int kSelfSignedDays = 825;

Result<void> make_private(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  struct stat status {};
  if (failure || stat(path.c_str(), &status) != 0) return internal_error(Code::io, "cannot make the directory " + path);
  if (status.st_uid == geteuid() && chmod(path.c_str(), 0700) != 0) return errno_error("cannot make " + path + " private");
  if (status.st_uid != geteuid() && (status.st_mode & 077) != 0)
    return internal_error(Code::denied, path + " belongs to somebody else and others may read it");
  return {};
}

/// Through a new file that takes the old one's place, so that a crash leaves either or neither, never half.
Result<void> write_private(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return errno_error("cannot write " + fresh);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  ::close(fd);
  if (!written || rename(fresh.c_str(), path.c_str()) != 0) return errno_error("cannot write " + path);
  return {};
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  TRY(make_private(path));
  const std::string lock_file = path + "/lock";
  const int lock = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return errno_error("cannot open " + lock_file);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return internal_error(Code::conflict, path + " is in use by another Bulwark");
  }
  return DataDirectory(path, lock);
}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Result<crypto::MasterKey> DataDirectory::master_key(const std::string& configured) const {
  if (!configured.empty()) return crypto::MasterKey::from_secret(configured);
  TRY(make_private(file("keys")));
  return crypto::MasterKey::load_or_create(file("keys/master.key"));
}

Result<net::CertificateFiles> DataDirectory::self_signed() const {
  TRY(make_private(file("tls")));
  const net::CertificateFiles files{file("tls/edge.crt"), file("tls/edge.key")};
  if (std::filesystem::exists(files.certificate_file) && std::filesystem::exists(files.key_file)) return files;
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  if (host[0] != '\0' && names.front() != host) names.emplace_back(host);
  const net::SelfSigned made = TRY(net::make_self_signed(names, kSelfSignedDays));
  TRY(write_private(files.key_file, made.key_pem));
  TRY(write_private(files.certificate_file, made.certificate_pem));
  return files;
}

}  // namespace bulwark::app
