// The local door for the CLI: a unix socket that only this process's own user (and root) may use, answered on one thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "soc/admin.h"

namespace bulwark::soc {

class AdminSocket {
 public:
  static constexpr std::size_t kMaxClients = 16;
  static constexpr std::chrono::seconds kQuestionDeadline{5};
  static constexpr std::chrono::seconds kAnswerDeadline{5};

  /// Takes the place of a socket that a killed process left; the data folder's lock says that none lives.
  /// Errors: config for a path that is too long, io.
  static Result<std::unique_ptr<AdminSocket>> open(const std::string& path, Admin& admin);
  ~AdminSocket();  ///< stops, and removes the socket
  AdminSocket(const AdminSocket&) = delete;
  AdminSocket& operator=(const AdminSocket&) = delete;

 private:
  AdminSocket(std::string path, Admin& admin, int listener, int stopper);
  struct Client;
  void run();
  bool serve(Client& client);

  std::string path_;
  Admin& admin_;
  int listener_;
  int stopper_;
  std::thread thread_;
};

}  // namespace bulwark::soc
