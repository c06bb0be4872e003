// One text after another; nothing is copied unless something in it changes.
#include "chat/input/screen.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <vector>

#include "chat/unseen.h"

namespace bulwark::chat::input {

namespace {

struct LookAlike {
  UChar32 from;
  char to;
};

// Letters drawn like a Latin one (Unicode confusables, UTS #39); sorted.
constexpr std::array kLookAlikes = {
    LookAlike{0x391, 'A'}, LookAlike{0x392, 'B'}, LookAlike{0x395, 'E'}, LookAlike{0x396, 'Z'}, LookAlike{0x397, 'H'},
    LookAlike{0x399, 'I'}, LookAlike{0x39A, 'K'}, LookAlike{0x39C, 'M'}, LookAlike{0x39D, 'N'}, LookAlike{0x39F, 'O'},
    LookAlike{0x3A1, 'P'}, LookAlike{0x3A4, 'T'}, LookAlike{0x3A7, 'X'}, LookAlike{0x3B1, 'a'}, LookAlike{0x3BF, 'o'},
    LookAlike{0x3C1, 'p'}, LookAlike{0x405, 'S'}, LookAlike{0x406, 'I'}, LookAlike{0x408, 'J'}, LookAlike{0x410, 'A'},
    LookAlike{0x412, 'B'}, LookAlike{0x415, 'E'}, LookAlike{0x41A, 'K'}, LookAlike{0x41C, 'M'}, LookAlike{0x41D, 'H'},
    LookAlike{0x41E, 'O'}, LookAlike{0x420, 'P'}, LookAlike{0x421, 'C'}, LookAlike{0x422, 'T'}, LookAlike{0x425, 'X'},
    LookAlike{0x430, 'a'}, LookAlike{0x435, 'e'}, LookAlike{0x43E, 'o'}, LookAlike{0x440, 'p'}, LookAlike{0x441, 'c'},
    LookAlike{0x443, 'y'}, LookAlike{0x445, 'x'}, LookAlike{0x455, 's'}, LookAlike{0x456, 'i'}, LookAlike{0x458, 'j'},
    LookAlike{0x4BB, 'h'}, LookAlike{0x501, 'd'}, LookAlike{0x51B, 'q'}, LookAlike{0x51D, 'w'}, LookAlike{0x570, 'h'},
    LookAlike{0x578, 'n'}, LookAlike{0x585, 'o'},
};

const LookAlike* look_alike(UChar32 c) {
  const auto at =
      std::lower_bound(kLookAlikes.begin(), kLookAlikes.end(), c, [](const LookAlike& each, UChar32 key) { return each.from < key; });
  return at != kLookAlikes.end() && at->from == c ? &*at : nullptr;
}

bool latin(UChar32 c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool of_a_word(UChar32 c) { return latin(c) || (c >= 0x370 && c < 0x590) || (c >= 0xC0 && c < 0x250); }

}  // namespace

bool fold_look_alikes(std::string_view text, std::string& out) {
  const auto size = static_cast<std::int32_t>(text.size());
  bool folded = false;
  std::string word;   // as it stands
  std::string plain;  // with Latin letters
  bool has_latin = false;
  bool has_other = false;
  const auto end_word = [&] {
    const bool mixed = has_latin && has_other;
    out.append(mixed ? plain : word);
    folded |= mixed;
    word.clear();
    plain.clear();
    has_latin = has_other = false;
  };
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t begin = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    const std::string_view bytes = text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
    if (!of_a_word(c)) {
      end_word();
      out.append(bytes);
      continue;
    }
    const LookAlike* const twin = look_alike(c);
    has_latin |= latin(c);
    has_other |= twin != nullptr;
    word.append(bytes);
    if (twin != nullptr)
      plain.push_back(twin->to);
    else
      plain.append(bytes);
  }
  end_word();
  return folded;
}

Screen::Screen(const InputSettings& settings, Tell tell) : settings_(settings), tell_(std::move(tell)) {
  acting_.canary = acting_.prompt = acting_.pii = acting_.secret = acting_.links = acting_.controls = Mode::off;
  acting_.markup = settings.markup;
  acting_.commands = settings.commands;
  inspects_ = settings.markup != Mode::off || settings.commands != Mode::off;
  idle_ = !inspects_ && settings.unseen == Mode::off && settings.look_alikes == Mode::off;
}

void Screen::tell(std::string_view check, std::string_view what, Mode mode) {
  tell_(check, what, mode);
  if (mode == Mode::block && blocked_.empty()) blocked_ = check;
}

bool Screen::unseen(std::string_view text, std::string& out) {
  std::size_t done = 0;
  std::array<bool, 5> seen{};
  for (std::size_t at = 0; at < text.size();) {
    const Unseen found = unseen_at(text, at);
    if (found.length == 0) {
      ++at;
      continue;
    }
    seen[static_cast<std::size_t>(found.kind)] = true;
    out.append(text.substr(done, at - done));
    done = at += found.length;
  }
  if (done == 0) return false;
  out.append(text.substr(done));
  for (std::size_t kind = 0; kind < seen.size(); ++kind)
    if (seen[kind]) tell("unseen", to_string(static_cast<UnseenKind>(kind)), settings_.unseen);
  return settings_.unseen == Mode::mask;
}

bool Screen::look_alikes(std::string& text) {
  if (std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; })) return false;
  std::string folded;
  if (!fold_look_alikes(text, folded)) return false;
  tell("look_alikes", "look_alikes", settings_.look_alikes);
  if (settings_.look_alikes != Mode::mask) return false;
  text = std::move(folded);
  return true;
}

bool Screen::inspected(std::string& text) {
  output::Question question;
  question.settings = &acting_;
  output::Watch watch(question, [&](const output::Armed& guard, std::string_view what) { tell(guard.name, what, guard.mode); });
  std::string made = output::inspect(watch, text);
  if (watch.blocked() != nullptr || made == text) return false;
  text = std::move(made);
  return true;
}

bool Screen::rewrite(std::string_view text, std::string& out) {
  if (idle_) return false;
  std::string made;
  bool changed = settings_.unseen != Mode::off && unseen(text, made);
  if (!changed) made = text;
  if (settings_.look_alikes != Mode::off) changed |= look_alikes(made);
  if (inspects_) changed |= inspected(made);
  if (changed) out.append(made);
  return changed;
}

}  // namespace bulwark::chat::input
