// Characters that nobody sees but something obeys: terminal escape sequences, reordering marks, tag characters and zero-width spaces,
// by which an answer can drive a terminal or smuggle text. The marks that scripts and emoji need stay.
#include "chat/output/guards.h"
#include "chat/unseen.h"

namespace bulwark::chat::output {

namespace {

class Controls final : public Guard {
 public:
  void look(const Window& window, Sight& sight) const override {
    for (std::size_t at = window.from; at < window.text.size();) {
      const Unseen unseen = unseen_at(window.text, at);
      if (unseen.length == 0) {
        ++at;
        continue;
      }
      if (unseen.cut && !window.last) return sight.hold_from(at);
      sight.hits.push_back({at, at + unseen.length, {}});
      at += unseen.length;
    }
  }
};

}  // namespace

std::unique_ptr<Guard> make_controls(const Question&) { return std::make_unique<Controls>(); }

}  // namespace bulwark::chat::output
