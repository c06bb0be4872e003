// `bulwark train`: from a folder of labelled data to a signed model file.
#pragma once

#include <string>

#include "base/result.h"
#include "chat/training/personal_data.h"

namespace bulwark::chat::training {

struct TrainCommand {
  std::string data;                                   ///< folder with train.jsonl and dev.jsonl
  std::string output;                                 ///< the model file to write
  std::string key_file;                               ///< Ed25519 secret key, 128 hexadecimal digits; made if it does not exist
  PersonalData personal_data = PersonalData::refuse;  ///< in train.jsonl and dev.jsonl
  std::string phrases;                                ///< folder of patterns, a file a language (training/phrases.h); empty: none
  std::string also;                                   ///< a file with more rows to train on; empty: none
};

/// Writes `output` and, beside it, `signing_key.pub`, `tagger.bwpt` if the folder has "pii_train.json", `quarantine.tsv` (the rows
/// whose label is most doubtful), `triggers.tsv` (the phrases that look most like planted back doors) and `personal_data.tsv` (the rows
/// with personal data or credentials, by file and line). Returns a summary for people. Errors: origin config (`denied`: there are such
/// rows, and they are to be refused) or internal.
Result<std::string> train(const TrainCommand& command);

}  // namespace bulwark::chat::training
