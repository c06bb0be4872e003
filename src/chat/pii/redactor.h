// Applies the policy for personal data to a request's texts: what is left alone, counted, replaced, or a reason to refuse.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/mode.h"
#include "chat/pii/kind.h"
#include "chat/pii/pseudonyms.h"
#include "chat/pii/tagger.h"

namespace bulwark::chat::pii {

/// Immutable; shared by all exchanges of a route.
struct Policy {
  std::shared_ptr<const TaggerModel> tagger;  ///< needed for kinds of kNamed only
  std::array<Mode, kKinds> modes{};
  std::vector<std::string> allowed;  ///< lower case, sorted; "@domain" stands for all addresses there

  Mode mode(Kind kind) const { return modes[static_cast<std::size_t>(kind)]; }
  bool allows(Kind kind, std::string_view value) const;
  KindSet wanted() const;  ///< the kinds whose mode is not off
};

/// The spans of the wanted kinds in order, not overlapping: fixed forms, and around them what the tagger finds (none without it).
std::vector<Span> find(const TaggerModel* tagger, std::string_view text, const KindSet& wanted);

/// One request's pass over its texts.
class Redactor {
 public:
  Redactor(const Policy& policy, Pseudonyms& pseudonyms) : policy_(policy), pseudonyms_(pseudonyms), wanted_(policy.wanted()) {}

  /// True: `out` got the text with its values replaced. False: nothing to replace, `out` is as it was.
  Result<bool> rewrite(std::string_view text, std::string& out);

  const std::array<std::uint32_t, kKinds>& counts() const { return counts_; }
  /// The first kind found that the policy blocks.
  std::optional<Kind> blocked() const { return blocked_; }

 private:
  /// A name goes word for word, so that "Jane" is the same in "Jane Doe" and by herself; initials and short numbers stay.
  Result<void> append_words(std::string_view name, std::string& out);

  const Policy& policy_;
  Pseudonyms& pseudonyms_;
  std::array<std::uint32_t, kKinds> counts_{};
  std::optional<Kind> blocked_;
  KindSet wanted_;
};

}  // namespace bulwark::chat::pii
