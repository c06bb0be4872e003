// Judges a document that arrived as data: which of its segments reads most like an instruction, and how unlike the rest of the
// document that segment is. A manual is full of instructions; a table has none until somebody puts one there.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "chat/injection/features.h"
#include "chat/injection/linear_model.h"

namespace bulwark::chat::injection {

inline constexpr std::size_t kDocumentFeatures = 9;
using DocumentFeatures = std::array<float, kDocumentFeatures>;

struct DocumentView {
  DocumentFeatures features{};  ///< constant, best, second, mean of the others, overlap, table, code, length, at an end
  std::string_view best;        ///< the segment that reads most like an instruction
};

/// `model` scores segments; `scratch` is reused.
DocumentView view_document(const std::vector<std::string_view>& segments, const LinearModel& model, FeatureSet& scratch);

float dot(const DocumentFeatures& weights, const DocumentFeatures& features);

}  // namespace bulwark::chat::injection
