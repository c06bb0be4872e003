// A compiled PCRE2 pattern with JIT, matched under a limit. Match data and JIT stack belong to the thread, so that matching
// allocates nothing and patterns are shared by all workers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::waf {

class Regex {
 public:
  /// `options` are PCRE2_*. Errors, origin config: does not compile; the message holds PCRE2's words and the offset.
  static Result<Regex> compile(std::string_view pattern, std::uint32_t options);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  static constexpr std::size_t kMaxGroups = 32;  ///< groups a Match shows; higher ones exist but are not reported
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool set = false;
  };
  enum class Outcome : std::uint8_t { no_match, match, budget_exhausted };

  /// Searches from `from` on. On a match the first `spans.size()` groups are filled in.
  Outcome search(std::string_view text, std::size_t from, std::uint32_t match_limit, std::span<Span> spans) const;

 private:
  struct Code;
  explicit Regex(std::unique_ptr<Code> code);
  std::unique_ptr<Code> code_;
};

}  // namespace bulwark::waf
