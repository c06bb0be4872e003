// Keeps something that is read from outside (a file, an issuer's keys) fresh on a thread of its own: regularly, and at once
// when a request needs it, but never more often than its source should bear.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace bulwark::identity {

struct RefreshPlan {
  std::string what;                                  ///< for the operator's log
  std::function<Result<void>()> load;                ///< reads and publishes; runs on the refresher's thread; may block
  Duration every{std::chrono::minutes(10)};          ///< after a success
  Duration at_most_every{std::chrono::seconds(10)};  ///< after a failure, and on demand
};

class Refresher {
 public:
  static constexpr std::size_t kMaxWaiting = 4'096;

  /// The first load begins at once, unless `loaded` says that it was done already.
  Refresher(RefreshPlan plan, bool loaded);
  /// Waits for a load in progress. Whoever still waits is told.
  ~Refresher();
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

  /// Calls `then` after the load in progress or one begun for this call. False, and no call, when the last one is too recent
  /// or too many wait.
  bool demand(std::function<void()> then);

 private:
  void run();
  void load_once(std::unique_lock<std::mutex>& lock);

  const RefreshPlan plan_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> waiting_;
  MonoTime due_{};
  MonoTime last_{};
  bool loading_ = false;
  bool failing_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bulwark::identity
