// Threads with a reactor each, pinned to nothing: one a core unless the configuration says otherwise.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"
#include "net/reactor.h"

namespace bulwark::app {

class Workers {
 public:
  static Result<std::unique_ptr<Workers>> create(std::size_t count);
  ~Workers() { stop(); }

  std::vector<net::Reactor*> reactors() const;
  void run();
  void stop();  ///< returns when all threads ended

 private:
  std::vector<std::unique_ptr<net::Reactor>> reactors_;
  std::vector<std::thread> threads_;
};

}  // namespace bulwark::app
