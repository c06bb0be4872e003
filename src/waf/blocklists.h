// What DNS blocklists say of addresses (RFC 5782), for @rbl: asked on a thread of its own, bounded in time and number, remembered.
// Whoever cannot wait takes what is known; a list that does not answer has said nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"
#include "waf/settings.h"

namespace bulwark::waf {

class Blocklists {
 public:
  enum class Answer : std::uint8_t { listed, clear, silent };  ///< silent: asked, and there was no answer to rely on

  static constexpr std::size_t kMaxRemembered = 65'536;  ///< names; the older half is forgotten together
  static constexpr std::size_t kMaxPending = 1024;       ///< names being asked for; more are silent at once
  static constexpr std::chrono::seconds kLeastListed{30};
  static constexpr std::chrono::seconds kMostListed{3600};  ///< whatever time to live the list gives
  static constexpr std::chrono::seconds kClear{300};
  static constexpr std::chrono::seconds kSilent{10};

  /// Errors, origin config: a server that is no address.
  static Result<std::shared_ptr<Blocklists>> start(const BlocklistSettings& settings, const Clock& clock = system_clock());
  ~Blocklists();  ///< whoever still waits is told
  Blocklists(const Blocklists&) = delete;
  Blocklists& operator=(const Blocklists&) = delete;

  /// "2.0.0.127.<zone>", or the nibbles of an IPv6 address (RFC 5782 §2.1, §2.4).
  static std::string name_of(const IpAddress& address, std::string_view zone);

  /// nullopt: nobody asked, or too long ago.
  std::optional<Answer> known(const std::string& name) const;
  /// Asks for it, unless somebody does already. `done` is called once, as soon as known() has an answer: on another thread, or at once.
  void ask(const std::string& name, std::function<void()> done);

 private:
  struct Remembered {
    Answer answer = Answer::silent;
    MonoTime until;
  };
  struct Queries;  ///< the library's side, on the thread
  explicit Blocklists(const Clock& clock);
  void run();
  void answered(const std::string& name, Answer answer, std::chrono::seconds holds);
  void remember(const std::string& name, Answer answer, std::chrono::seconds holds);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Remembered> young_;
  std::unordered_map<std::string, Remembered> old_;
  std::unordered_map<std::string, std::vector<std::function<void()>>> pending_;  ///< who waits for it
  std::vector<std::string> new_;                                                 ///< pending names that the thread has not seen
  bool stopping_ = false;
  std::unique_ptr<Queries> queries_;
  std::thread thread_;
};

}  // namespace bulwark::waf
