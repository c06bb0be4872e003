// The directory where everything that lasts is kept: private to its owner, used by one process at a time.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/master_key.h"
#include "net/tls.h"

namespace bulwark::app {

class DataDirectory {
 public:
  /// Makes it (0700) if it is missing. Errors: `denied` when others may look into it, `conflict` when another process uses it.
  static Result<DataDirectory> open(const std::string& path);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

  /// From the configuration, else from keys/master.key, which is made at the first start.
  Result<crypto::MasterKey> master_key(const std::string& configured) const;
  /// tls/edge.crt and .key: self-signed for localhost and this machine's name, made once.
  Result<net::CertificateFiles> self_signed() const;

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_ = -1;
};

}  // namespace bulwark::app
