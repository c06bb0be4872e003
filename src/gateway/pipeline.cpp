// Phases over stages; what becomes of a stage's own failure.
#include "gateway/pipeline.h"

#include <utility>

namespace bulwark::gateway {

Pipeline::Pipeline(std::vector<std::shared_ptr<const Stage>> stages) : stages_(std::move(stages)) {
  CHECK(stages_.size() <= Exchange::kMaxStages);
  for (const auto& stage : stages_) wanted_ = static_cast<std::uint8_t>(wanted_ | stage->info().phases);
}

namespace {

Verdict failed(const StageInfo& stage, const Error& error, Exchange& exchange) {
  const bool closed = stage.on_error == OnError::fail_closed;
  exchange.add_finding({.stage = stage.name,
                        .rule = std::string(stage.name) + ".failed",
                        .severity = events::Severity::high,
                        .message = "a stage failed: " + to_string(error)});
  if (!closed) return Verdict::pass;
  return exchange.deny({.status = 503, .stage = stage.name, .rule = std::string(stage.name) + ".failed", .reason = to_string(error)});
}

}  // namespace

Verdict Pipeline::run(Phase phase, Exchange& exchange, std::size_t from, std::size_t& resume_at) const {
  for (std::size_t i = from; i < stages_.size(); ++i) {
    const Stage& stage = *stages_[i];
    if ((stage.info().phases & bit(phase)) == 0) continue;
    auto result = stage.run(phase, exchange, i);
    Verdict verdict = result.ok() ? *result : failed(stage.info(), result.error(), exchange);
    if (phase == Phase::finished) continue;  // everybody gets to clean up
    if (verdict == Verdict::deny && exchange.denial() == nullptr)
      exchange.deny({.stage = stage.info().name, .rule = std::string(stage.info().name) + ".denied"});
    if (verdict == Verdict::wait) resume_at = i;
    if (verdict != Verdict::pass) return verdict;
  }
  return Verdict::pass;
}

}  // namespace bulwark::gateway
