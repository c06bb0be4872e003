// Trains the injection models from labelled prompts and documents and measures on a second set what honest texts score.
#pragma once

#include <span>
#include <string>

#include "chat/injection/model_file.h"
#include "chat/training/dataset.h"

namespace bulwark::chat::training {

/// Deterministic: the same examples give the same models, bit for bit, on the same kind of machine.
injection::Models train_injection(std::span<const Example> train, std::span<const Example> dev);

}  // namespace bulwark::chat::training
