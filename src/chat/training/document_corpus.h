// Makes segments and documents to learn from: instructions and plain sentences, clean documents and attacked ones.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "chat/training/dataset.h"
#include "chat/training/linear_trainer.h"

namespace bulwark::chat::training {

inline constexpr std::uint32_t kFolds = 3;

struct DocumentSample {
  std::vector<std::string> segments;
  bool attack = false;
  float weight = 1;
  std::uint32_t fold = 0;  ///< its decisive segment was held out of this fold's model
};

struct DocumentCorpus {
  std::vector<Sample> segments;  ///< `attack`: an instruction
  std::vector<DocumentSample> documents;
};

DocumentCorpus document_corpus(std::span<const Example> train);

/// Clean documents to set a threshold on: those of the set, and the middles of its long articles.
std::vector<std::string> benign_documents(std::span<const Example> examples);

}  // namespace bulwark::chat::training
