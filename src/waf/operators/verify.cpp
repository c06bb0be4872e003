// @verifyCC, @verifyCPF, @verifySSN, @verifySVNR: the argument is a pattern that finds candidates, the check digit decides.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>

#include <fmt/format.h>

#include "waf/operators/factories.h"
#include "waf/operators/regex.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf::operators {
namespace {

constexpr int kMaxCandidates = 10'000;  ///< in one value

using Check = bool (*)(std::string_view candidate);

class Verify final : public Operator {
 public:
  Verify(const Request& request, Regex regex, Check check)
      : Operator(request.name, request.argument, false), regex_(std::move(regex)), check_(check) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    std::size_t from = 0;
    for (int tried = 0; from < value.size(); ++tried) {
      Regex::Span span;
      const auto outcome =
          tried < kMaxCandidates ? regex_.search(value, from, context.match_limit, {&span, 1}) : Regex::Outcome::budget_exhausted;
      context.budget_exhausted = outcome == Regex::Outcome::budget_exhausted;
      if (outcome != Regex::Outcome::match) return false;
      const std::string_view candidate = value.substr(span.begin, span.end - span.begin);
      if (check_(candidate)) {
        context.matched = candidate;
        if (context.want_captures) context.capture(0, candidate);
        return true;
      }
      from = span.begin + 1;  // candidates may overlap
    }
    return false;
  }

 private:
  Regex regex_;
  Check check_;
};

/// The digits of a candidate; empty if there are more than the room.
template <std::size_t kRoom>
class Digits {
 public:
  explicit Digits(std::string_view text) {
    for (const char c : text) {
      if (!is_digit(c)) continue;
      if (count_ == kRoom) {
        count_ = 0;
        return;
      }
      digits_[count_++] = c - '0';
    }
  }
  std::size_t size() const { return count_; }
  int operator[](std::size_t i) const { return digits_[i]; }
  bool all_step_by(int step) const {
    for (std::size_t i = 1; i < count_; ++i) {
      if (digits_[i] != digits_[i - 1] + step) return false;
    }
    return true;
  }
  int number(std::size_t from, std::size_t to) const {
    int value = 0;
    for (; from < to; ++from) value = value * 10 + digits_[from];
    return value;
  }

 private:
  std::array<int, kRoom> digits_{};
  std::size_t count_ = 0;
};

/// Luhn, ISO/IEC 7812-1: from the right, every second digit doubled.
bool is_card(std::string_view text) {
  int sum = 0;
  int count = 0;
  for (auto c = text.rbegin(); c != text.rend(); ++c) {
    if (!is_digit(*c)) continue;
    const int digit = *c - '0';
    const int weighted = count++ % 2 == 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return count > 0 && sum % 10 == 0;
}

/// Brazil's taxpayer number: two check digits, modulo 11.
bool is_cpf(std::string_view text) {
  const Digits<11> digits(text);
  if (digits.size() != 11 || digits.all_step_by(0)) return false;
  for (std::size_t check = 9; check < 11; ++check) {
    int sum = 0;
    for (std::size_t i = 0; i < check; ++i) sum += digits[i] * static_cast<int>(check + 1 - i);
    const int rest = sum % 11;
    if (digits[check] != (rest < 2 ? 0 : 11 - rest)) return false;
  }
  return true;
}

/// The United States' social security number: no all-zero group, an area that was assigned before 2011, no run.
bool is_ssn(std::string_view text) {
  const Digits<9> digits(text);
  if (digits.size() != 9 || digits.all_step_by(0) || digits.all_step_by(1)) return false;
  const int area = digits.number(0, 3);
  return area > 0 && area < 740 && area != 666 && digits.number(3, 5) > 0 && digits.number(5, 9) > 0;
}

/// Austria's social insurance number: the fourth digit checks the others.
bool is_svnr(std::string_view text) {
  constexpr std::array<int, 10> kWeights{3, 7, 9, 0, 5, 8, 4, 2, 1, 6};
  const Digits<10> digits(text);
  if (digits.size() != 10 || digits.all_step_by(0)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 10; ++i) sum += digits[i] * kWeights[i];
  return sum % 11 % 10 == digits[3];  // a remainder of 10 counts as 0, as in the reference; none such was ever issued
}

Made make(const Request& request, Check check) {
  auto regex = Regex::compile(request.argument, PCRE2_DOTALL | PCRE2_MULTILINE);
  if (!regex.ok()) return config_error(fmt::format("@{}: {}", request.name, regex.error().message));
  return Made(std::make_unique<const Verify>(request, std::move(*regex), check));
}

}  // namespace

Made verify_cc(const Request& request) { return make(request, is_card); }
Made verify_cpf(const Request& request) { return make(request, is_cpf); }
Made verify_ssn(const Request& request) { return make(request, is_ssn); }
Made verify_svnr(const Request& request) { return make(request, is_svnr); }

}  // namespace bulwark::waf::operators
