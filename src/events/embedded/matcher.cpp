// The filters of a query, applied to one event.
#include <algorithm>
#include <cctype>

#include "events/embedded/reader.h"

namespace bulwark::events::embedded {
namespace {

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view folded) {
  return std::search(text.begin(), text.end(), folded.begin(), folded.end(), [](char a, char b) { return fold(a) == b; }) != text.end();
}

}  // namespace

Matcher::Matcher(const Query& query) : query_(query), folded_(query.text) {
  std::transform(folded_.begin(), folded_.end(), folded_.begin(), fold);
}

bool Matcher::kind_fits(const Event& event) const {
  return (!query_.plane || event.plane == *query_.plane) && (!query_.event_class || event.event_class == *query_.event_class) &&
         (!query_.disposition || event.disposition == *query_.disposition) &&
         (!query_.min_severity || event.severity >= *query_.min_severity) && event.time >= query_.from && event.time < query_.to;
}

bool Matcher::fits(const Event& event) const {
  return kind_fits(event) && (!query_.source || event.source == *query_.source) && (!query_.trace || event.trace == *query_.trace) &&
         (query_.user.empty() || event.user == query_.user) && (query_.tenant.empty() || event.tenant == query_.tenant) &&
         (query_.rule.empty() || event.rule == query_.rule) && text_fits(event);
}

bool Matcher::text_fits(const Event& event) const {
  return folded_.empty() || contains(event.message, folded_) || contains(event.target, folded_) || contains(event.detail, folded_);
}

bool Matcher::wants_ordinary() const {
  return query_.rule.empty() && (!query_.disposition || *query_.disposition == Disposition::allowed) &&
         (!query_.min_severity || *query_.min_severity <= Severity::informational);
}

}  // namespace bulwark::events::embedded
