// `bulwark redteam chat`: attacks a running guard with what attackers use, technique by technique, and says what got through and how many
// honest prompts were refused in the same dress. How requests are sent is the caller's affair.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::chat::redteam {

struct Options {
  std::string seeds;  ///< a file of attacks, one a line; empty: the built-in ones
  std::string only;   ///< one technique's name; empty: all
  std::string model = "gpt-4o-mini";
  double min_blocked = 0;  ///< share of attacks that each technique must find blocked
  double max_refused = 1;  ///< share of honest prompts that may be refused under each technique
};

struct Reply {
  std::uint16_t status = 0;
  std::string body;
};
/// Sends one OpenAI chat request. An Error ends the campaign.
using Send = std::function<Result<Reply>(const std::string& body)>;

struct Line {
  std::string technique;
  std::uint32_t attacks = 0;
  std::uint32_t blocked = 0;
  std::uint32_t honest = 0;
  std::uint32_t refused = 0;  ///< of the honest ones
  std::uint32_t failed = 0;   ///< neither refused nor answered: counted in neither share
  bool met = true;
};

struct Report {
  std::vector<Line> lines;
  bool met = true;  ///< every line
};

/// Errors: config when the seeds cannot be read or the technique is unknown; what `send` returned.
Result<Report> attack(const Options& options, const Send& send);

/// A table for people.
std::string table(const Report& report);

}  // namespace bulwark::chat::redteam
