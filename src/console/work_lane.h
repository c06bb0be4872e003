// One thread with a bounded queue, for work that may block: password hashing has a lane of its own, so that a flood of
// sign-ins never delays the people who are in.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace bulwark::console {

class WorkLane {
 public:
  explicit WorkLane(std::size_t max_waiting);
  ~WorkLane();  ///< drops what waits, ends what runs
  WorkLane(const WorkLane&) = delete;
  WorkLane& operator=(const WorkLane&) = delete;

  /// False: the queue is full, `task` was not taken. Thread-safe.
  bool post(std::function<void()> task);

 private:
  void run();

  const std::size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bulwark::console
