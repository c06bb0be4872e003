// Memoised transformations and scans.
#include "waf/engine/texts.h"

namespace bulwark::waf {

void Texts::clear(const Prefilter* prefilter, const UnicodeMap* map) {
  constexpr std::size_t kKeepNodes = 4096;
  constexpr std::size_t kKeepScratch = 256 * 1024;
  prefilter_ = prefilter;
  map_ = map;
  nodes_.clear();
  bits_.clear();
  if (nodes_.capacity() > kKeepNodes) {
    nodes_.shrink_to_fit();
    bits_.shrink_to_fit();
  }
  if (scratch_.capacity() > kKeepScratch) std::string().swap(scratch_);
  nodes_.emplace_back();  // id 0 means none
}

TextId Texts::add(std::string_view bytes) {
  nodes_.emplace_back().bytes = bytes;
  return static_cast<TextId>(nodes_.size() - 1);
}

TextId Texts::transformed(TextId text, Transform transform) {
  const auto which = static_cast<std::size_t>(transform);
  if (const TextId known = nodes_[text].results[which]; known != 0) return known;
  TextId result = text;
  const ByteSet* touched = touched_by(transform);
  const bool untouched = touched != nullptr && nodes_[text].has_present && !nodes_[text].present.meets(*touched);
  if (!untouched && apply(transform, nodes_[text].bytes, scratch_, map_)) result = add(arena_->store(scratch_));
  nodes_[text].results[which] = result;
  return result;
}

TextId Texts::transformed(TextId text, const std::vector<Transform>& chain) {
  for (const Transform each : chain) text = transformed(text, each);
  return text;
}

const ByteSet& Texts::present(TextId text) {
  Node& node = nodes_[text];
  if (node.has_present) return node.present;
  if (prefilter_ != nullptr && node.bytes.size() <= Prefilter::kShort) {
    scan(text);
  } else {
    node.has_present = true;
    node.present.add_all(node.bytes);
  }
  return node.present;
}

void Texts::scan(TextId text) {
  Node& node = nodes_[text];
  const bool is_short = prefilter_ != nullptr && node.bytes.size() <= Prefilter::kShort;
  if (!is_short) (void)present(text);
  node.scanned = true;
  node.bits = static_cast<std::uint32_t>(bits_.size());
  if (prefilter_ == nullptr) return;
  bits_.resize(bits_.size() + words(), 0);
  if (!is_short) return prefilter_->scan(node.bytes, bits_.data() + node.bits);
  node.has_present = true;
  prefilter_->scan_short(node.bytes, node.present, bits_.data() + node.bits);
}

Traits Texts::traits(TextId text) {
  if (!nodes_[text].scanned) scan(text);
  const Node& node = nodes_[text];
  return {node.bytes.size(), node.present, {bits_.data() + node.bits, words()}};
}

}  // namespace bulwark::waf
