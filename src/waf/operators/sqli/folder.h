// Folds tokens into a fingerprint: `1 + 2 - 3` is as good as `1`, and only five tokens are kept.
#pragma once

#include <array>
#include <optional>

#include "waf/operators/sqli/detector.h"
#include "waf/operators/sqli/token.h"
#include "waf/operators/sqli/tokenizer.h"

namespace bulwark::waf::sqli {

class Folder {
 public:
  explicit Folder(Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  /// How many tokens are left, at most kMaxFingerprint.
  std::size_t run();
  const Token& token(std::size_t i) const { return tokens_[i]; }

 private:
  enum class Step { again, more, stop };  ///< look again, nothing to fold here, a token that ends everything

  bool skip_beginning();
  void read_until(std::size_t wanted);
  void fold_full_window();
  Step fold_two();
  std::optional<Step> fold_pair_words(Token& first, Token& second);
  Step fold_pair_marks(Token& first, Token& second);
  Step fold_three();
  bool merge_words(Token& first, const Token& second);
  Step drop(std::size_t count, std::size_t new_left);
  Step step_back_after_drop();

  Tokenizer& tokenizer_;
  std::array<Token, kMaxFingerprint + 3> tokens_;
  Token last_comment_;
  std::size_t end_ = 0;   ///< where the next token goes
  std::size_t left_ = 0;  ///< before it nothing folds any more
  bool more_ = true;      ///< the tokenizer has not ended
};

}  // namespace bulwark::waf::sqli
