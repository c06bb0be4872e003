// `bulwark train`: the chat guard's models from labelled data (docs/operating/chat.md).
#include <fmt/core.h>

#include "bulwark/commands.h"
#include "chat/train.h"

namespace bulwark::app {

int train(const TrainOptions& options) {
  const auto summary = chat::training::train({options.data, options.output, options.key_file,
                                              chat::training::personal_data_from(options.personal_data), options.phrases, options.also});
  if (!summary.ok()) {
    fmt::print(stderr, "bulwark train: {}\n", summary.error().message);
    return 1;
  }
  fmt::print("{}\n", *summary);
  return 0;
}

}  // namespace bulwark::app
