#include "waf/operators/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <time.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"

#include "waf/operators/operator.h"

namespace bulwark::waf {
namespace {

constexpr std::size_t kJitStackStart = 32 * 1024;
constexpr std::size_t kJitStackMost = 1024 * 1024;
constexpr std::uint32_t kHeapLimitKib = 16 * 1024;  ///< of the interpreter, which takes over when the JIT stack is too small

struct Deleter {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  void operator()(pcre2_jit_stack* stack) const { pcre2_jit_stack_free(stack); }
};

/// What matching needs besides the pattern, one a thread.
struct Workspace {
  std::unique_ptr<pcre2_match_data, Deleter> data{pcre2_match_data_create(Regex::kMaxGroups, nullptr)};
  std::unique_ptr<pcre2_match_context, Deleter> context{pcre2_match_context_create(nullptr)};
  std::unique_ptr<pcre2_jit_stack, Deleter> stack{pcre2_jit_stack_create(kJitStackStart, kJitStackMost, nullptr)};
  std::uint32_t limit = 0;

  Workspace() {
    CHECK(data && context && stack);
    pcre2_jit_stack_assign(context.get(), nullptr, stack.get());
    pcre2_set_heap_limit(context.get(), kHeapLimitKib);
  }
  void set_limit(std::uint32_t wanted) {
    if (wanted == limit) return;
    pcre2_set_match_limit(context.get(), wanted);
    pcre2_set_depth_limit(context.get(), wanted);
    limit = wanted;
  }
};

// PCRE2 counts backtracking from each start anew, and not at all what a single repeat walks over: a long value can cost the
// square of its length without reaching the limit. So long values are searched from a few starts at a time, against a clock.
constexpr std::size_t kWholeBytes = 4 * 1024;         ///< searched in one go
constexpr std::size_t kFirstWindowSteps = 4'000'000;  ///< starts × bytes that the first window may walk over
constexpr std::int64_t kQuickNs = 50'000;             ///< a window that took less is doubled
constexpr std::int64_t kBaseBudgetNs = 2'000'000;
constexpr std::int64_t kBudgetNsPerByte = 5;

std::int64_t now_ns(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

Workspace& workspace() {
  thread_local Workspace mine;
  return mine;
}

}  // namespace

struct Regex::Code {
  std::unique_ptr<pcre2_code, Deleter> compiled;
  bool jit = false;
  bool anchored = false;  ///< only the very beginning can match

  /// What PCRE2 says of starts from `from` to `last`.
  int match(Workspace& space, std::string_view text, std::size_t from, std::size_t last) const {
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data() != nullptr ? text.data() : "");
    pcre2_set_offset_limit(space.context.get(), last);
    const int count = jit ? pcre2_jit_match(compiled.get(), subject, text.size(), from, 0, space.data.get(), space.context.get())
                          : pcre2_match(compiled.get(), subject, text.size(), from, 0, space.data.get(), space.context.get());
    if (count != PCRE2_ERROR_JIT_STACKLIMIT) return count;
    return pcre2_match(compiled.get(), subject, text.size(), from, PCRE2_NO_JIT, space.data.get(), space.context.get());
  }

  /// Window after window until one matches, all are done, or the time is up (then PCRE2_ERROR_MATCHLIMIT).
  int match_long(Workspace& space, std::string_view text, std::size_t from, std::uint32_t match_limit) const {
    const std::int64_t share = std::min(match_limit, kDefaultMatchLimit);  // of the time, as of the steps
    const std::int64_t budget = (kBaseBudgetNs + kBudgetNsPerByte * static_cast<std::int64_t>(text.size())) * share / kDefaultMatchLimit;
    const std::int64_t cpu_start = now_ns(CLOCK_THREAD_CPUTIME_ID);
    const std::int64_t start = now_ns(CLOCK_MONOTONIC);
    std::int64_t before = start;
    for (std::size_t window = std::max<std::size_t>(1, kFirstWindowSteps / text.size()); from <= text.size();) {
      const std::size_t last = std::min(from + window - 1, text.size());
      if (const int count = match(space, text, from, last); count != PCRE2_ERROR_NOMATCH) return count;
      const std::int64_t after = now_ns(CLOCK_MONOTONIC);
      // The thread may have waited for a core: only the time that it ran counts.
      if (after - start > budget && now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_start > budget) return PCRE2_ERROR_MATCHLIMIT;
      if (after - before < kQuickNs) window *= 2;
      before = after;
      from = last + 1;
    }
    return PCRE2_ERROR_NOMATCH;
  }
};

Regex::Regex(std::unique_ptr<Code> code) : code_(std::move(code)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern, std::uint32_t options) {
  int error = 0;
  std::size_t offset = 0;
  auto code = std::make_unique<Code>();
  options |= PCRE2_USE_OFFSET_LIMIT;
  code->compiled.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &error, &offset, nullptr));
  if (!code->compiled) {
    std::array<PCRE2_UCHAR, 160> words{};
    pcre2_get_error_message(error, words.data(), words.size());
    return config_error(fmt::format("pattern does not compile at offset {}: {}", offset, reinterpret_cast<const char*>(words.data())));
  }
  std::uint32_t all = 0;
  pcre2_pattern_info(code->compiled.get(), PCRE2_INFO_ALLOPTIONS, &all);
  code->anchored = (all & PCRE2_ANCHORED) != 0;
  code->jit = pcre2_jit_compile(code->compiled.get(), PCRE2_JIT_COMPLETE) == 0;
  return Regex(std::move(code));
}

Regex::Outcome Regex::search(std::string_view text, std::size_t from, std::uint32_t match_limit, std::span<Span> spans) const {
  Workspace& space = workspace();
  space.set_limit(match_limit);
  const bool whole = text.size() <= kWholeBytes || code_->anchored;
  const int count = whole ? code_->match(space, text, from, text.size()) : code_->match_long(space, text, from, match_limit);
  if (count == PCRE2_ERROR_NOMATCH) return Outcome::no_match;
  if (count < 0) return Outcome::budget_exhausted;  // a limit, or an error that leaves the question open
  // 0: more groups than the match data holds.
  const auto filled = count == 0 ? kMaxGroups : static_cast<std::size_t>(count);
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(space.data.get());
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const bool set = i < filled && offsets[2 * i] != PCRE2_UNSET;
    // \K in a lookahead can put the start behind the end; such a span is empty.
    spans[i] = set ? Span{std::min(offsets[2 * i], offsets[2 * i + 1]), offsets[2 * i + 1], true} : Span{};
  }
  return Outcome::match;
}

}  // namespace bulwark::waf
