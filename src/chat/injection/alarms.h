// How sensitive the guards against attacks on the model are: a plain number for each.
#pragma once

#include "config/schema.h"

namespace bulwark::chat::injection {

/// How many hundredths of honest texts each guard may flag, as measured when the models were made.
struct Alarms {
  double user = 0.85;         ///< a user's turn by itself
  double data = 3;            ///< a document
  double conversation = 0.2;  ///< the turns of a conversation together
  double gibberish = 0.2;     ///< a turn with a string in it that reads like nothing
};

void describe(config::Object<Alarms>& object);

}  // namespace bulwark::chat::injection
