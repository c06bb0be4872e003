// A window is context and held text. Guards look again only when the held text has grown enough to pay for it.
#include "chat/output/inspector.h"

#include <algorithm>
#include <utility>

#include "chat/output/guards.h"

namespace bulwark::chat::output {

namespace {

constexpr std::size_t kLookAlways = 512;  // held bytes up to which each piece is looked at
constexpr std::size_t kMaxTurns = 64;     // of one text that a cut made necessary
constexpr std::size_t kGrowth = 8;        // past that: only once an eighth was added, so that a hostile stream stays linear

}  // namespace

bool Question::brought(std::string_view value) const {
  if (conversation == nullptr) return false;
  return std::any_of(conversation->parts.begin(), conversation->parts.end(),
                     [&](const Part& part) { return part.text.find(value) != std::string_view::npos; });
}

Watch::Watch(Question question, Tell tell) : question_(std::move(question)), tell_(std::move(tell)), guards_(make_guards(question_)) {}
Watch::~Watch() = default;

void Watch::note(const Armed& guard, std::string_view what) {
  std::string key = std::string(guard.name) + ' ' + std::string(what);
  if (told_.size() == kMaxTold || std::find(told_.begin(), told_.end(), key) != told_.end()) return;
  told_.push_back(std::move(key));
  tell_(guard, what);
}

void Watch::judge(const std::vector<tools::Call>& calls) {
  for (const tools::Call& call : calls) {
    const auto objection = blocked_ == nullptr && judge_ ? judge_(call) : std::nullopt;
    if (!objection || objection->mode == Mode::off) continue;
    const Armed& guard = tools_[objection->mode == Mode::block ? 1 : 0];
    if (!objection->confirm || objection->what != tools::kUnconfirmed) note(guard, objection->what);
    if (objection->confirm)
      ask(call);
    else if (objection->mode == Mode::block)
      block(guard);
  }
}

void Watch::ask(const tools::Call& call) {
  if (!asked_.insert(crypto::sha256(call.name + '\0' + call.arguments)).second) return;
  auto ticket = ask_ ? ask_(call) : nullptr;
  if (ticket) return tickets_.push_back(std::move(ticket));
  note(tools_[1], tools::kUnconfirmed);
  block(tools_[1]);
}

bool Watch::waits_for_people() {
  std::vector<std::shared_ptr<const tools::Ticket>> pending;
  for (const auto& ticket : std::exchange(tickets_, {})) {
    const tools::Ticket::State state = ticket->state();  // once: it may change at any time
    if (state == tools::Ticket::State::pending) pending.push_back(ticket);
    if (state == tools::Ticket::State::confirmed) note(tools_[0], "confirmed call");
    if (state != tools::Ticket::State::refused && state != tools::Ticket::State::expired) continue;
    note(tools_[1], state == tools::Ticket::State::refused ? "refused call" : tools::kUnconfirmed);
    block(tools_[1]);
  }
  tickets_ = std::move(pending);
  return !tickets_.empty() && blocked_ == nullptr;
}

/// Collects the hits that can be acted on now, in order; gives the first byte that must wait.
std::size_t Inspector::look(const Window& window) {
  cuts_.clear();
  std::size_t hold = window.text.size();
  for (const Armed& armed : watch_.guards()) {
    Sight sight;
    armed.guard->look(window, sight);
    for (const Hit& hit : sight.hits)
      if (hit.end > window.from) cuts_.push_back({hit, &armed});
    if (!window.last) hold = std::min(hold, std::max(sight.hold, window.from));
  }
  std::sort(cuts_.begin(), cuts_.end(), [](const Cut& a, const Cut& b) { return a.hit.begin < b.hit.begin; });
  return hold;
}

void Inspector::advance(std::string_view left) {
  context_.append(left);
  if (context_.size() > 2 * kContext) context_.erase(0, context_.size() - kContext);
}

void Inspector::emit(std::string_view text, std::string& out) {
  out.append(text);
  fence_.step(text);
}

/// Up to where everything has left or was taken out: before `end` if a cut has moved the borders of code blocks, so that what
/// follows must be looked at anew.
std::size_t Inspector::release(std::size_t end, const Window& window, std::string& out) {
  std::size_t at = window.from;
  for (const Cut& cut : cuts_) {
    const std::size_t begin = std::max(cut.hit.begin, at);
    if (cut.guard->mode == Mode::block) {
      watch_.note(*cut.guard, cut.hit.what);
      watch_.block(*cut.guard);
      if (begin > at && at < end) emit(window.text.substr(at, std::min(begin, end) - at), out);
      return end;
    }
    if (cut.hit.end > end || cut.hit.end <= at) continue;  // not yet, or already gone with another hit
    watch_.note(*cut.guard, cut.hit.what);
    if (cut.guard->mode != Mode::mask) continue;
    if (begin > at) {
      emit(window.text.substr(at, begin - at), out);
      replaced_ = {};
    }
    Fence as_it_came = fence_;
    as_it_came.step(window.text.substr(begin, cut.hit.end - begin));
    if (!cut.hit.what.empty() && replaced_ != cut.hit.what) {
      emit("[", out);
      emit(cut.hit.what, out);
      emit(" removed]", out);
    }
    replaced_ = cut.hit.what;
    at = cut.hit.end;
    if (window.code && !fence_.goes_on_like(as_it_came)) return at;
  }
  if (at >= end) return end;
  emit(window.text.substr(at, end - at), out);
  replaced_ = {};
  return end;
}

/// Looks once and lets go what it can; true: the rest must be looked at anew.
bool Inspector::turn(bool last, bool code, std::string& out) {
  const bool full = held_.size() > kMaxHeld;
  std::string joined = context_ + held_;
  Window window{joined, context_.size(), last, escaped_, fence_, code};
  std::size_t end = look(window);
  if (end == window.from && full && !last) {
    window.last = true;
    end = look(window);
  }
  for (const Cut& cut : cuts_)
    if (cut.guard->mode == Mode::mask && cut.hit.begin < end && cut.hit.end > end) end = std::max(cut.hit.begin, window.from);
  const std::size_t done = release(end, window, out);
  if (watch_.blocked() != nullptr) {
    held_.clear();
    return false;
  }
  advance(window.text.substr(window.from, done - window.from));
  held_.erase(0, done - window.from);
  looked_ = held_.size();
  return done < end && !held_.empty();
}

/// After many turns code is no longer told from text: whoever moves its borders so often does not write code.
void Inspector::feed(std::string_view piece, bool last, std::string& out) {
  if (watch_.blocked() != nullptr) return;
  held_.append(piece);
  if (held_.empty()) return;
  if (!last && held_.size() <= kMaxHeld && held_.size() > kLookAlways && held_.size() < looked_ + looked_ / kGrowth) return;
  while (turn(last, turns_ < kMaxTurns, out)) ++turns_;
}

std::string inspect(Watch& watch, std::string_view text) {
  std::string out;
  Inspector(watch, false).feed(text, true, out);
  return out;
}

}  // namespace bulwark::chat::output
