// One text of an answer on its way out: the guards look at what the model wrote, then originals take the places of surrogates.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "chat/output/inspector.h"
#include "chat/pii/surrogate_index.h"
#include "chat/protocols/transcribe.h"

namespace bulwark::chat {

class TextPipe {
 public:
  /// `watch`: nullptr for a text that no guard looks at.
  TextPipe(output::Watch* watch, pii::Escape escape) : watch_(watch), restorer_(escape) {
    if (watch != nullptr) inspector_.emplace(*watch, escape == pii::Escape::json);
  }

  /// From now on the text leaves when it is whole, and not before: a call that may still be refused.
  void keep_whole() { keeps_ = true; }

  void feed(const pii::SurrogateIndex& index, std::string_view piece, bool last, std::string& out) {
    if (keeps_) {
      kept_.append(piece);
      if (!last) return;
      keeps_ = false;
      const std::string whole = std::exchange(kept_, {});
      return feed(index, whole, true, out);
    }
    if (!inspector_) return restorer_.feed(index, piece, last, out);
    std::string seen;
    inspector_->feed(piece, last, seen);
    restorer_.feed(index, seen, last || watch_->blocked() != nullptr, out);
  }
  bool pending() const { return !kept_.empty() || !restorer_.pending().empty() || (inspector_ && inspector_->holds()); }

 private:
  output::Watch* watch_;
  std::optional<output::Inspector> inspector_;
  pii::Restorer restorer_;
  bool keeps_ = false;
  std::string kept_;  ///< bounded by tools::StreamedCalls::kMaxArguments
};

/// Whether the text at that path is the model's own words, or a name, an id or encoded bytes that nobody reads.
bool is_prose(const Path& path);

}  // namespace bulwark::chat
