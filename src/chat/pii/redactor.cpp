// Recognise, look up the policy, replace.
#include "chat/pii/redactor.h"

#include <algorithm>

#include "chat/pii/recogniser.h"

namespace bulwark::chat::pii {

bool Policy::allows(Kind kind, std::string_view value) const {
  if (allowed.empty()) return false;
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  if (std::binary_search(allowed.begin(), allowed.end(), lower)) return true;
  if (kind != Kind::email) return false;
  return std::binary_search(allowed.begin(), allowed.end(), lower.substr(lower.rfind('@')));
}

KindSet Policy::wanted() const {
  KindSet kinds;
  for (std::size_t kind = 0; kind < kKinds; ++kind) kinds.set(kind, modes[kind] != Mode::off);
  return kinds;
}

Result<bool> Redactor::rewrite(std::string_view text, std::string& out) {
  spans_.clear();
  recognise(text, wanted_, spans_);
  std::size_t done = 0;
  bool replaced = false;
  for (const Span& span : spans_) {
    const std::string_view value = text.substr(span.begin, span.end - span.begin);
    const Mode mode = policy_.mode(span.kind);
    if (policy_.allows(span.kind, value)) continue;
    ++counts_[static_cast<std::size_t>(span.kind)];
    if (mode == Mode::block && !blocked_) blocked_ = span.kind;
    if (mode != Mode::mask) continue;
    const std::string_view surrogate = TRY(pseudonyms_.of(span.kind, value));
    out.append(text.substr(done, span.begin - done)).append(surrogate);
    done = span.end;
    replaced = true;
  }
  if (replaced) out.append(text.substr(done));
  return replaced;
}

}  // namespace bulwark::chat::pii
