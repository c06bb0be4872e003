// Rewrites the texts of a request on its way to the model: every text in the document, whatever field it stands in, so that a
// field we do not know cannot carry personal data past the guard.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chat/input/screen.h"
#include "chat/pii/redactor.h"
#include "chat/protocols/request.h"
#include "chat/protocols/transcribe.h"

namespace bulwark::chat {

class MaskingRewriter final : public Rewriter {
 public:
  /// `screen` (may be nullptr) reads the texts of users and of data first.
  explicit MaskingRewriter(pii::Redactor& redactor, input::Screen* screen = nullptr, const Conversation* conversation = nullptr);

  Result<bool> text(const Path& path, std::string_view value, bool is_name, std::string& out) override;
  Result<bool> number(std::string_view digits, std::string& out) override;
  bool changed() const { return changed_; }
  /// The text of the document that `text` is a view of gets `addition` at its end.
  void append_to(std::string_view text, std::string addition) {
    appended_to_ = text;
    addition_ = std::move(addition);
  }

 private:
  static constexpr int kMaxNesting = 3;  ///< JSON inside a text inside JSON …
  Result<bool> masked(const Path& path, std::string_view value, bool is_name, std::string& out);
  Result<bool> json_text(std::string_view value, std::string& out, bool& was_json);

  bool screened(std::string_view value) const;

  pii::Redactor& redactor_;
  input::Screen* screen_;
  std::vector<const char*> said_;  ///< where the texts begin that users and data said, sorted
  int nesting_ = 0;
  bool changed_ = false;
  std::string_view appended_to_;
  std::string addition_;
};

}  // namespace bulwark::chat
