// How many tokens a turn cost: as the model says in its reply (every dialect, whole or streamed), else estimated by length.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/json/reader.h"

namespace bulwark::chat::budgets {

struct Usage {
  std::int64_t input = 0;
  std::int64_t output = 0;
  bool estimated = true;
};

/// Four bytes a token: near for English, too few for code and other scripts (whose characters have more bytes).
std::int64_t estimated_tokens(std::size_t bytes);

class Meter {
 public:
  static constexpr std::int64_t kMostTokens = 100'000'000;  ///< that one answer may claim

  explicit Meter(std::size_t prompt_bytes) : prompt_bytes_(prompt_bytes) {}
  /// A reply's document, or the data of one of its events.
  void saw(const json::Value& root);
  /// Bytes of text that the model said.
  void said(std::size_t bytes) { said_ += bytes; }
  Usage usage() const;

 private:
  void take(const json::Value& usage);
  std::size_t prompt_bytes_;
  std::size_t said_ = 0;
  std::int64_t input_ = 0;
  std::int64_t output_ = 0;
};

}  // namespace bulwark::chat::budgets
