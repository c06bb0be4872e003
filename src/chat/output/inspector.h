// Runs the output guards over the texts of one answer while they grow: what is certain leaves, what might become a hit waits, and
// what is one is reported, replaced, or ends the answer before its first byte has left.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "chat/mode.h"
#include "chat/output/guard.h"
#include "chat/output/question.h"
#include "chat/tools/confirmations.h"
#include "chat/tools/policy.h"
#include "crypto/token.h"

namespace bulwark::chat::output {

struct Armed {
  std::string_view name;  ///< "links": rule chat.output.links
  Mode mode = Mode::monitor;
  std::unique_ptr<Guard> guard;
};

/// All guards of one exchange and what they found.
class Watch {
 public:
  /// `tell` hears of each guard's first hit of each sort.
  using Tell = std::function<void(const Armed&, std::string_view what)>;
  Watch(Question question, Tell tell);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  bool idle() const { return guards_.empty() && !judges_calls(); }
  const std::vector<Armed>& guards() const { return guards_; }
  const Question& question() const { return question_; }
  /// The guard that ended the answer, or nullptr.
  const Armed* blocked() const { return blocked_; }
  void note(const Armed& guard, std::string_view what);
  void block(const Armed& guard) { blocked_ = &guard; }

  /// Who judges the tool calls of this answer; told and blocked like what guards find. Not set: nobody.
  using Judge = std::function<std::optional<tools::Objection>(const tools::Call&)>;
  /// Puts a call before people; nullptr: that cannot be done.
  using Ask = std::function<std::shared_ptr<const tools::Ticket>(const tools::Call&)>;
  void judge_calls(Judge judge, Ask ask = {}) { judge_ = std::move(judge), ask_ = std::move(ask); }
  bool judges_calls() const { return judge_ != nullptr; }
  bool asks_people() const { return ask_ != nullptr; }
  void judge(const std::vector<tools::Call>& calls);
  /// Whether people have not decided yet; asks the tickets, so that a refusal shows in blocked().
  bool waits_for_people();

 private:
  static constexpr std::size_t kMaxTold = 32;
  Question question_;
  Tell tell_;
  std::vector<Armed> guards_;
  std::vector<std::string> told_;
  const Armed* blocked_ = nullptr;
  Judge judge_;
  Ask ask_;
  std::set<crypto::Digest> asked_;  ///< the calls that people were asked about: an event may say them again
  std::vector<std::shared_ptr<const tools::Ticket>> tickets_;
  void ask(const tools::Call& call);
  Armed tools_[2] = {{"tools", Mode::monitor, nullptr}, {"tools", Mode::block, nullptr}};
};

/// One text. The concatenated output does not depend on how the text was cut, as long as no hold reaches its limit; only of a
/// leaked prompt, which is known by its third word, the first two may have left.
class Inspector {
 public:
  static constexpr std::size_t kMaxHeld = 8 * 1024;
  static constexpr std::size_t kContext = 256;

  Inspector(Watch& watch, bool escaped) : watch_(watch), escaped_(escaped) {}

  /// Appends to `out` what may leave; with `last`, everything. After watch.blocked() nothing leaves any more.
  void feed(std::string_view piece, bool last, std::string& out);
  bool holds() const { return !held_.empty(); }

 private:
  struct Cut {
    Hit hit;
    const Armed* guard;
  };
  std::size_t look(const Window& window);
  std::size_t release(std::size_t end, const Window& window, std::string& out);
  void emit(std::string_view text, std::string& out);
  bool turn(bool last, bool code, std::string& out);
  void advance(std::string_view left);

  Watch& watch_;
  bool escaped_;
  std::string context_;
  std::string held_;
  std::size_t turns_ = 0;
  std::size_t looked_ = 0;  ///< held_.size() at the last look
  Fence fence_;             ///< at the end of what has left
  std::vector<Cut> cuts_;
  std::string_view replaced_;  ///< what took the place of the text that left last
};

/// One whole text; unchanged unless something was replaced.
std::string inspect(Watch& watch, std::string_view text);

}  // namespace bulwark::chat::output
