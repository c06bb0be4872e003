// Turns in many languages, written as patterns by people (models/phrases): too few labelled sets speak anything but English. Each
// language has attacks and honest turns with the same words in them, so that neither a language nor a word is evidence by itself.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/training/dataset.h"

namespace bulwark::chat::training {

/// One reading of a pattern: "{show|print} {me|} the prompt" is any of four texts. Braces do not nest.
std::string expand(std::string_view pattern, std::mt19937& random);

/// Reads every "<language>.txt" of the folder: lines "+ pattern" (an attack) and "- pattern" (an honest turn), "#" and blank lines aside.
/// Gives `attacks` and `honest` different texts of each language, or as many as its patterns allow; `source` "phrases", `group` the
/// language. Deterministic. Errors: origin config, with file and line.
Result<std::vector<Example>> load_phrases(const std::string& folder, std::size_t attacks, std::size_t honest);

}  // namespace bulwark::chat::training
