// A route's stages in order. Runs one phase at a time; can be resumed where a stage asked to wait.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "gateway/stage.h"

namespace bulwark::gateway {

class Pipeline {
 public:
  explicit Pipeline(std::vector<std::shared_ptr<const Stage>> stages);

  /// Runs the stages that want `phase`, from number `from` on. An Error from a fail_closed stage becomes a denial (503)
  /// with a finding; from a fail_open stage a finding only. On wait, `resume_at` says where to go on.
  Verdict run(Phase phase, Exchange& exchange, std::size_t from, std::size_t& resume_at) const;
  bool wants(Phase phase) const { return (wanted_ & bit(phase)) != 0; }
  const std::vector<std::shared_ptr<const Stage>>& stages() const { return stages_; }

 private:
  std::vector<std::shared_ptr<const Stage>> stages_;
  std::uint8_t wanted_ = 0;
};

}  // namespace bulwark::gateway
