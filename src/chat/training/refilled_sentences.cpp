// A marked sentence teaches its wording and its values at once; with other values in it, it teaches the wording alone.
#include "chat/training/made_sentences.h"

#include <array>
#include <random>

namespace bulwark::chat::training {

namespace {

using pii::Kind;
using Values = std::array<std::vector<std::string>, pii::kKinds>;

Values values_of(std::span<const LabelledText> sentences) {
  Values out;
  for (const LabelledText& each : sentences)
    for (const pii::Span& span : each.spans)
      out[static_cast<std::size_t>(span.kind)].push_back(each.text.substr(span.begin, span.end - span.begin));
  return out;
}

class Refiller {
 public:
  Refiller(std::span<const LabelledText> marked, std::span<const LabelledText> made, std::uint32_t seed)
      : marked_(values_of(marked)), made_(values_of(made)), random_(seed) {}

  LabelledText refill(const LabelledText& sentence) {
    LabelledText out;
    out.pattern = sentence.pattern;
    std::size_t at = 0;
    for (const pii::Span& span : sentence.spans) {
      out.text += sentence.text.substr(at, span.begin - at);
      const std::string& value = another(span.kind);
      out.spans.push_back({out.text.size(), out.text.size() + value.size(), span.kind});
      out.text += value;
      at = span.end;
    }
    out.text += sentence.text.substr(at);
    return out;
  }

 private:
  const std::string& another(Kind kind) {
    const auto& made = made_[static_cast<std::size_t>(kind)];
    const bool many_forms = kind == Kind::address || kind == Kind::location;
    const auto& list = !many_forms && !made.empty() && random_() % 2 != 0 ? made : marked_[static_cast<std::size_t>(kind)];
    return list[random_() % list.size()];
  }

  Values marked_;
  Values made_;
  std::mt19937 random_;
};

}  // namespace

std::vector<LabelledText> refilled(std::span<const LabelledText> marked, std::span<const LabelledText> made, std::size_t copies,
                                   std::uint32_t seed) {
  Refiller refiller(marked, made, seed);
  std::vector<LabelledText> out;
  for (const LabelledText& each : marked)
    for (std::size_t copy = 0; copy < copies; ++copy) out.push_back(refiller.refill(each));
  return out;
}

}  // namespace bulwark::chat::training
