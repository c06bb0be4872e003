// What a model may answer against all output guards: however the answer is cut into pieces, the same leaves, the same is told, and
// a guard that blocks does so in both; what was taken out once is not found a second time.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "base/utf8.h"
#include "chat/output/inspector.h"

using namespace bulwark;
using namespace bulwark::chat;
using namespace bulwark::chat::output;

namespace {

struct Answer {
  std::string text;
  std::set<std::string> found;
  bool blocked = false;
};

/// The least of what a guard may say: its modes by the bits of `choice`, never the leaked prompt, whose first words may leave.
OutputSettings settings(std::uint8_t choice) {
  OutputSettings made;
  const auto mode = [&](unsigned bit) { return (choice >> bit & 1U) != 0 ? Mode::block : Mode::mask; };
  made.canary = mode(0);
  made.pii = mode(1);
  made.secret = mode(2);
  made.links = mode(3);
  made.markup = mode(4);
  made.commands = mode(5);
  made.controls = mode(6);
  made.prompt = Mode::off;
  made.shown_as = (choice >> 7U & 1U) != 0 ? Rendering::html : Rendering::markdown;
  return made;
}

Answer answer(const OutputSettings& settings, std::string_view text, std::size_t piece) {
  Conversation conversation;
  conversation.parts.push_back({Channel::user, false, 0, "Write to jane@acme.io about the picture of my invoice"});
  Question question;
  question.settings = &settings;
  question.conversation = &conversation;
  question.canary = "kestrel-4711";
  Answer made;
  Watch watch(std::move(question),
              [&](const Armed& guard, std::string_view what) { made.found.insert(std::string(guard.name) + std::string(what)); });
  Inspector inspector(watch, false);
  while (!text.empty()) {
    std::size_t size = std::min(piece, text.size());
    while (size < text.size() && (text[size] & 0xC0) == 0x80) ++size;
    inspector.feed(text.substr(0, size), false, made.text);
    text.remove_prefix(size);
  }
  inspector.feed({}, true, made.text);
  made.blocked = watch.blocked() != nullptr;
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > Inspector::kMaxHeld) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const OutputSettings chosen = settings(data[0]);
  if (!utf8_valid(text)) {  // only plain text that was cut within a character looks so: nothing but memory is at stake
    (void)answer(chosen, text, 1 + data[1] % 32U);
    return 0;
  }
  const Answer whole = answer(chosen, text, text.size() + 1);
  const Answer cut = answer(chosen, text, 1 + data[1] % 32U);
  if (!utf8_valid(whole.text) || !utf8_valid(cut.text)) abort();
  if (whole.blocked != cut.blocked) abort();
  if (whole.blocked) return 0;  // which of several guards is first depends on what could be seen
  if (whole.text != cut.text || whole.found != cut.found) abort();
  return 0;
}
