// For the guards' tests: an answer through the guards of given settings, whole or in pieces.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "chat/output/inspector.h"
#include "chat/settings.h"

namespace bulwark::chat::output {

/// Every guard off, for tests of one.
inline OutputSettings all_off() {
  OutputSettings off;
  off.canary = off.prompt = off.pii = off.secret = off.links = off.markup = off.commands = off.controls = Mode::off;
  return off;
}

struct Answer {
  std::string text;                ///< what left
  std::vector<std::string> found;  ///< "links image"
  bool blocked = false;
  std::vector<std::string> steps;  ///< what left after each piece
};

struct Asked {
  OutputSettings settings = all_off();
  std::string prompt;
  std::string user;
  std::string canary;
  const pii::SurrogateIndex* index = nullptr;
};

inline Answer answer(const Asked& asked, const std::vector<std::string>& pieces) {
  Conversation conversation;
  conversation.parts.push_back({Channel::user, false, 0, asked.user});
  Question question;
  question.settings = &asked.settings;
  question.conversation = &conversation;
  question.prompt = asked.prompt;
  question.canary = asked.canary;
  question.index = asked.index;
  Answer made;
  Watch watch(question,
              [&](const Armed& guard, std::string_view what) { made.found.push_back(std::string(guard.name) + " " + std::string(what)); });
  Inspector inspector(watch, false);
  for (const std::string& piece : pieces) {
    std::string out;
    inspector.feed(piece, false, out);
    made.steps.push_back(out);
    made.text += out;
  }
  inspector.feed({}, true, made.text);
  made.blocked = watch.blocked() != nullptr;
  return made;
}

/// In pieces of `size` bytes, at the borders of UTF-8 sequences.
inline std::vector<std::string> pieces(std::string_view text, std::size_t size) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(at + size, text.size());
    while (end < text.size() && (text[end] & 0xC0) == 0x80) ++end;
    all.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return all;
}

}  // namespace bulwark::chat::output
