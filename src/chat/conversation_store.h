// What was said to models and by them, for those who must be able to show it, and to forget it. Each person's records are sealed under a
// key of their own: without it they can be counted and not read, so that to erase a person is to erase a key. Off unless asked for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "chat/notice.h"
#include "config/schema.h"
#include "storage/database.h"

namespace bulwark::chat {

struct ConversationSettings {
  bool keep = false;
  std::chrono::milliseconds retention{std::chrono::hours(30 * 24)};
  std::int64_t max_records = 1'000'000;
};
void describe(config::Object<ConversationSettings>& object);

/// One turn.
struct Record {
  WallTime time = 0;
  std::string person;  ///< the user's name, else the address
  std::string tenant;
  std::string route;
  std::string model;
  std::string request;  ///< as the client said it; JSON
  std::string sent;     ///< as the model got it; empty: it was refused
  std::string answer;   ///< as the client got it
  std::string refused;  ///< the rule, or empty
};

/// Thread-safe.
class ConversationStore {
 public:
  static constexpr std::size_t kMaxText = 256 * 1024;           ///< of each text; the rest is cut off
  static constexpr std::size_t kMaxWaiting = 64 * 1024 * 1024;  ///< bytes that are not written yet

  /// Errors: of storage.
  static Result<std::unique_ptr<ConversationStore>> open(const storage::OpenOptions& file, const ConversationSettings& settings,
                                                         Tell tell = {}, const Clock& clock = system_clock());
  ~ConversationStore();  ///< writes what waits

  /// False: too much waits to be written, and the record is lost. Never blocks on the disk.
  bool add(Record record);
  /// Returns when all that was added before is on disk. Errors: of storage; then it waits for the next try, and what comes on top of
  /// kMaxWaiting is refused.
  Result<void> flush();

  struct Counts {
    std::int64_t records = 0;
    std::int64_t persons = 0;  ///< whose records can be read
  };
  Result<Counts> counts();
  /// The newest first, at most `most` and kMaxListed bytes: an array of objects `person`, `tenant`, `turn` (as export_person() has it).
  /// Of one person, or with an empty name of all.
  Result<std::string> latest(std::string_view person, std::size_t most);
  static constexpr std::size_t kMaxListed = 4 * 1024 * 1024;

  // For the command line, also while another process writes.
  /// A line of JSON for each record of the person, the oldest first.
  static Result<void> export_person(const storage::OpenOptions& file, std::string_view person,
                                    const std::function<void(std::string_view line)>& write);
  /// Gives how many records can no longer be read. The key is gone from the file and its log when this returns.
  static Result<std::int64_t> erase_person(const storage::OpenOptions& file, std::string_view person);

 private:
  ConversationStore(storage::Database database, const ConversationSettings& settings, Tell tell, const Clock& clock);
  void run();
  Result<void> write(const std::deque<Record>& batch);
  Result<void> forget_old();
  void tell_of(const Result<void>& written);

  const ConversationSettings settings_;
  const Tell tell_;
  const Clock& clock_;
  bool failing_ = false;  ///< of the writer thread
  std::mutex database_mutex_;
  storage::Database database_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Record> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace bulwark::chat
