// Texts with marked personal data, to train and measure the tagger on: sentences with entity spans, and word lists of the CoNLL kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/pii/kind.h"

namespace bulwark::chat::training {

struct LabelledText {
  std::string text;
  std::vector<pii::Span> spans;  ///< in bytes
  std::string pattern;           ///< the sentence with its values left out: sentences of one template have the same
  float weight = 1;
  bool names_only = false;  ///< dates, ages and addresses are not marked
};

/// Reads presidio-research's form: an array of {"full_text", "masked", "spans": [{"entity_type", "start_position", "end_position"}]},
/// positions in code points. Salutations and professions are not marked: they name nobody. Errors: origin config.
Result<std::vector<LabelledText>> load_sentences(const std::string& path);

/// Reads "word TAB tag" lines (`column` counts from 0), blank lines between sentences; tags such as "B-person", "I-LOC". Errors: origin
/// config.
Result<std::vector<LabelledText>> load_conll(const std::string& path, std::size_t word_column, std::size_t tag_column);

/// The salutations at the beginning of a name, which stay outside of it: the bytes to skip.
std::size_t salutation(std::string_view name);

/// Whether the sentence belongs to the part that is kept for measuring: decided by its template alone, about a quarter of them.
bool held_out(const LabelledText& sentence);

/// One name a line, without comments. Errors: origin config.
Result<std::vector<std::string>> load_lines(const std::string& path);

}  // namespace bulwark::chat::training
