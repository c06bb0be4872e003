// Keeps the beginning of an answer as the client gets it, for the conversation store.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/exchange.h"

namespace bulwark::chat {

class Recording final : public gateway::BodyFilter {
 public:
  Recording(std::shared_ptr<std::string> kept, std::size_t most) : kept_(std::move(kept)), most_(most) {}
  Result<void> feed(std::string_view chunk, bool, std::string& out) override {
    out.append(chunk);
    kept_->append(chunk.substr(0, most_ - std::min(most_, kept_->size())));
    return {};
  }

 private:
  std::shared_ptr<std::string> kept_;
  std::size_t most_;
};

}  // namespace bulwark::chat
