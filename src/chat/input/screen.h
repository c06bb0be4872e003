// The form of what users and data say to a model: characters nobody sees, letters that look like others, markup and commands are
// told, taken out or a reason to refuse, before anything else reads the text.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "chat/input_settings.h"
#include "chat/output/inspector.h"

namespace bulwark::chat::input {

class Screen {
 public:
  using Tell = std::function<void(std::string_view check, std::string_view what, Mode mode)>;
  Screen(const InputSettings& settings, Tell tell);

  bool idle() const { return idle_; }
  /// True: `out` got what the text becomes. False: it stays as it is.
  bool rewrite(std::string_view text, std::string& out);
  /// The check that refuses the request, or empty.
  std::string_view blocked() const { return blocked_; }

 private:
  void tell(std::string_view check, std::string_view what, Mode mode);
  bool unseen(std::string_view text, std::string& out);
  bool look_alikes(std::string& text);
  bool inspected(std::string& text);

  const InputSettings& settings_;
  Tell tell_;
  OutputSettings acting_;  ///< markup and commands are found as in answers
  bool idle_;
  bool inspects_;
  std::string_view blocked_;
};

/// Writes Latin for every look-alike inside a word that also has Latin letters; true if there was one.
bool fold_look_alikes(std::string_view text, std::string& out);

}  // namespace bulwark::chat::input
