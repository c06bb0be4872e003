// Whether an audit log is what was written and signed, and if not, where it was changed: an edited, missing, moved or added record, a cut
// tail, a forged or missing checkpoint, each by its number and file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.h"

namespace bulwark::audit {

/// A checkpoint kept elsewhere: a witness file, an event.
struct Anchor {
  std::string name;  ///< for people: where it was kept
  std::string note;
};

struct Problem {
  std::optional<std::uint64_t> record;  ///< the first one concerned
  std::string file;
  std::string what;
};

struct Report {
  static constexpr std::size_t kMaxProblems = 100;

  std::uint64_t first = 0;         ///< number of the first record that is there
  std::uint64_t records = 0;       ///< one more than the number of the last one
  std::uint64_t signed_size = 0;   ///< records under the newest good checkpoint
  std::uint64_t checkpoints = 0;   ///< good ones, within the segments
  std::vector<Problem> problems;   ///< in the order of the records
  std::vector<std::string> notes;  ///< what is no sign of a change but should be known
  bool sound() const { return problems.empty(); }
};

/// Reads the whole log; it may be written to meanwhile. Errors: the directory cannot be read.
Result<Report> verify(const std::string& directory, const NoteVerifier& key, const std::vector<Anchor>& anchors);

}  // namespace bulwark::audit
