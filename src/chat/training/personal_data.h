// Personal data and credentials in training rows. A model file holds nothing of a text but weights, yet whoever trains should not need
// them, and should know that they are there.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/pii/kind.h"
#include "chat/training/dataset.h"

namespace bulwark::chat::training {

enum class PersonalData : std::uint8_t {
  refuse,  ///< nothing is trained
  redact,  ///< surrogates of the same shape take the values' places
  keep,
};
/// From "refuse", "redact", "keep"; anything else refuses.
PersonalData personal_data_from(std::string_view word);

/// Never the value.
struct PersonalRow {
  std::size_t line = 0;  ///< in its file, from 1
  pii::Kind kind = pii::Kind::email;
  std::size_t values = 0;
};

/// Values with a fixed form, and credentials. Not what belongs to nobody: example domains (RFC 2606), private, documentation and loopback
/// addresses (RFC 1918, 5737, 3849).
std::vector<PersonalRow> find_personal_data(std::span<const Example> examples);

/// The same row always becomes the same. Errors: `too_large` for a row with more than 2,000 values.
Result<void> redact(std::vector<Example>& examples);

}  // namespace bulwark::chat::training
