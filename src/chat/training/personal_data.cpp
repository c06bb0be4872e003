// The guard's own recognisers over each row.
#include "chat/training/personal_data.h"

#include <algorithm>
#include <array>

#include "base/ip.h"
#include "chat/pii/pseudonyms.h"
#include "chat/pii/recogniser.h"

namespace bulwark::chat::training {

namespace {

constexpr pii::KindSet kSought = [] {
  unsigned long long bits = 0;
  for (const pii::Kind kind :
       {pii::Kind::email, pii::Kind::card, pii::Kind::iban, pii::Kind::phone, pii::Kind::ip, pii::Kind::secret, pii::Kind::ssn})
    bits |= 1ULL << static_cast<unsigned>(kind);
  return pii::KindSet(bits);
}();

bool is_nobodys_address(std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address.ok()) return false;
  for (const std::string_view range : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "192.0.2.0/24", "198.51.100.0/24",
                                       "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32", "fe80::/10", "fc00::/7", "::1/128"})
    if (const auto prefix = IpPrefix::parse(range); prefix && prefix->contains(*address)) return true;
  return false;
}

bool is_nobodys_mail(std::string_view text) {
  for (const std::string_view domain : {"example.com", "example.org", "example.net", ".example", ".invalid", ".test"})
    if (text.ends_with(domain)) return true;
  return false;
}

std::vector<pii::Span> values_of(const std::string& text) {
  std::vector<pii::Span> spans;
  pii::recognise(text, kSought, spans);
  std::erase_if(spans, [&](const pii::Span& span) {
    const std::string_view value = std::string_view(text).substr(span.begin, span.end - span.begin);
    return (span.kind == pii::Kind::ip && is_nobodys_address(value)) || (span.kind == pii::Kind::email && is_nobodys_mail(value));
  });
  return spans;
}

}  // namespace

PersonalData personal_data_from(std::string_view word) {
  return word == "keep" ? PersonalData::keep : word == "redact" ? PersonalData::redact : PersonalData::refuse;
}

std::vector<PersonalRow> find_personal_data(std::span<const Example> examples) {
  std::vector<PersonalRow> rows;
  for (const Example& example : examples) {
    std::array<std::size_t, pii::kKinds> counts{};
    for (const pii::Span& span : values_of(example.text)) ++counts[static_cast<std::size_t>(span.kind)];
    for (std::size_t kind = 0; kind < pii::kKinds; ++kind)
      if (counts[kind] > 0) rows.push_back({example.line, static_cast<pii::Kind>(kind), counts[kind]});
  }
  return rows;
}

Result<void> redact(std::vector<Example>& examples) {
  for (Example& example : examples) {
    const auto spans = values_of(example.text);
    if (spans.empty()) continue;
    pii::Pseudonyms pseudonyms(pii::derive({}, "training row", example.text));
    std::string text;
    std::size_t done = 0;
    for (const pii::Span& span : spans) {
      text.append(example.text, done, span.begin - done);
      text.append(TRY(pseudonyms.of(span.kind, std::string_view(example.text).substr(span.begin, span.end - span.begin))));
      done = span.end;
    }
    example.text = text.append(example.text, done);
  }
  return {};
}

}  // namespace bulwark::chat::training
