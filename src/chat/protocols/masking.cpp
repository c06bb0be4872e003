// Tool arguments and results are JSON inside a string: they are read as such, since "\njohn@…" is not an address "njohn@…".
#include "chat/protocols/masking.h"

#include <algorithm>
#include <utility>

namespace bulwark::chat {

namespace {

constexpr std::size_t kMaxKeywordBytes = 64;

/// Fields whose values the API defines; only while they look like it.
bool is_keyword(const Path& path, std::string_view value) {
  const std::string_view key = path.key();
  if (key != "role" && key != "type" && key != "model") return false;
  return value.size() <= kMaxKeywordBytes && std::all_of(value.begin(), value.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
                  c == ':' || c == '/';
         });
}

bool looks_like_json(std::string_view value) {
  const std::size_t at = value.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && (value[at] == '{' || value[at] == '[' || value[at] == '"');
}

}  // namespace

MaskingRewriter::MaskingRewriter(pii::Redactor& redactor, input::Screen* screen, const Conversation* conversation)
    : redactor_(redactor), screen_(screen != nullptr && !screen->idle() ? screen : nullptr) {
  if (screen_ == nullptr || conversation == nullptr) return;
  for (const Part& part : conversation->parts)
    if (part.channel == Channel::user || part.channel == Channel::data) said_.push_back(part.text.data());
  std::sort(said_.begin(), said_.end());
}

bool MaskingRewriter::screened(std::string_view value) const {
  return screen_ != nullptr && nesting_ == 0 && std::binary_search(said_.begin(), said_.end(), value.data());
}

Result<bool> MaskingRewriter::json_text(std::string_view value, std::string& out, bool& was_json) {
  const auto document = json::Document::parse(value);
  if (!document.ok()) return false;
  was_json = true;
  const bool outer_changed = changed_;
  changed_ = false;
  std::string inner;
  json::Writer writer(inner);
  ++nesting_;
  const Result<void> done = transcribe(document->root(), *this, writer);
  --nesting_;
  const bool replaced = changed_;
  changed_ |= outer_changed;
  if (!done.ok()) return done.error();
  if (replaced) out.append(inner);
  return replaced;
}

Result<bool> MaskingRewriter::text(const Path& path, std::string_view value, bool is_name, std::string& out) {
  std::string clean;
  if (!is_name && screened(value) && screen_->rewrite(value, clean)) {
    if (!TRY(masked(path, clean, false, out))) out.assign(clean);
    changed_ = true;
    return true;
  }
  const bool replaced = TRY(masked(path, value, is_name, out));
  if (addition_.empty() || value.data() != appended_to_.data()) return replaced;
  if (!replaced) out.assign(value);
  out.append(std::exchange(addition_, {}));
  return true;
}

Result<bool> MaskingRewriter::masked(const Path& path, std::string_view value, bool is_name, std::string& out) {
  if (!is_name && nesting_ == 0 && is_keyword(path, value)) return false;
  bool replaced = false;
  bool was_json = false;
  if (!is_name && nesting_ < kMaxNesting && looks_like_json(value)) replaced = TRY(json_text(value, out, was_json));
  if (!was_json) replaced = TRY(redactor_.rewrite(value, out));
  changed_ |= replaced;
  return replaced;
}

Result<bool> MaskingRewriter::number(std::string_view digits, std::string& out) {
  constexpr std::size_t kShortest = 13;  // a card; a shorter number has no form that tells it apart
  if (digits.size() < kShortest) return false;
  const bool replaced = TRY(redactor_.rewrite(digits, out));
  changed_ |= replaced;
  return replaced;
}

}  // namespace bulwark::chat
