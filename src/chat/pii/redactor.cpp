// Recognise, look up the policy, replace.
#include "chat/pii/redactor.h"

#include <algorithm>
#include <iterator>

#include "chat/pii/recogniser.h"

namespace bulwark::chat::pii {

namespace {

constexpr std::size_t kShortestWord = 3;  // a surrogate for less would be found everywhere in the reply
constexpr std::size_t kShortestNumber = 5;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

}  // namespace

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

std::vector<Span> find(const TaggerModel* tagger, std::string_view text, const KindSet& wanted) {
  std::vector<Span> forms;
  const bool names = tagger != nullptr && (wanted & kNamed).any();
  recognise(text, names ? wanted | kFixedForms : wanted, forms);
  if (!names) return forms;
  std::vector<Span> named;
  tag(*tagger, text, wanted, named);
  const auto covered = [&](const Span& span) {
    const auto next =
        std::lower_bound(forms.begin(), forms.end(), span.begin, [](const Span& form, std::size_t at) { return form.end <= at; });
    return next != forms.end() && next->begin < span.end;
  };
  std::erase_if(named, covered);
  std::vector<Span> out;
  std::merge(forms.begin(), forms.end(), named.begin(), named.end(), std::back_inserter(out),
             [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::erase_if(out, [&](const Span& span) { return !wanted.test(static_cast<std::size_t>(span.kind)); });
  return out;
}

Result<void> Redactor::append_words(std::string_view name, std::string& out) {
  for (std::size_t at = 0; at < name.size();) {
    const auto part_of = digit(name[at]) ? digit : letter;
    std::size_t end = at;
    while (end < name.size() && part_of(name[end])) ++end;
    const std::string_view word = name.substr(at, std::max(end, at + 1) - at);
    const std::size_t shortest = digit(name[at]) ? kShortestNumber : kShortestWord;
    if (end == at || word.size() < shortest)
      out.append(word);
    else
      out.append(TRY(pseudonyms_.of(Kind::person, word)));
    at += word.size();
  }
  return {};
}

Result<bool> Redactor::rewrite(std::string_view text, std::string& out) {
  const std::vector<Span> spans = find(policy_.tagger.get(), text, wanted_);
  std::size_t done = 0;
  bool replaced = false;
  for (const Span& span : spans) {
    const std::string_view value = text.substr(span.begin, span.end - span.begin);
    const Mode mode = policy_.mode(span.kind);
    if (policy_.allows(span.kind, value)) continue;
    ++counts_[static_cast<std::size_t>(span.kind)];
    if (mode == Mode::block && !blocked_) blocked_ = span.kind;
    if (mode != Mode::mask) continue;
    out.append(text.substr(done, span.begin - done));
    if (kNamed.test(static_cast<std::size_t>(span.kind)))
      TRY(append_words(value, out));
    else
      out.append(TRY(pseudonyms_.of(span.kind, value)));
    done = span.end;
    replaced = true;
  }
  if (replaced) out.append(text.substr(done));
  return replaced;
}

}  // namespace bulwark::chat::pii
