// The whole engine beside libmodsecurity with the Core Rule Set, detecting only: the same rules must match and the score must be the
// same for every generated request. BULWARK_DIFFERENTIAL_REQUESTS says how many (`make waf-differential`: 20,000),
// BULWARK_DIFFERENTIAL_SEED which ones.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "engines.h"
#include "explained.h"
#include "requests.h"

namespace bulwark::reference {
namespace {

constexpr int kDefaultRequests = 1500;

std::string text_of(const std::set<std::int64_t>& rules) {
  std::string out;
  for (const auto rule : rules) out += std::to_string(rule) + " ";
  return out;
}

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : otherwise;
}

TEST(EngineAgainstReference, TheSameRulesMatchWithTheSameScore) {
  if (!std::filesystem::is_directory(kCoreRules)) GTEST_SKIP() << "no Core Rule Set in " << kCoreRules << "; install modsecurity-crs";
  const int wanted = number_from("BULWARK_DIFFERENTIAL_REQUESTS", kDefaultRequests);
  const int seed = number_from("BULWARK_DIFFERENTIAL_SEED", 0);
  int compared = 0;
  int differences = 0;
  std::size_t matches = 0;
  std::map<std::string, int> explained;
  std::map<std::int64_t, int> only_ours;
  std::map<std::int64_t, int> only_theirs;
  for (const int paranoia : {1, 4}) {
    Ours ours(paranoia);
    Theirs theirs(paranoia);
    RequestGenerator generator(static_cast<unsigned>(seed * 10 + paranoia));
    for (int i = 0; i < wanted / 2; ++i, ++compared) {
      const Request request = generator.next();
      const Verdict mine = ours.run(request);
      const Verdict reference = theirs.run(request);
      matches += reference.rules.size();
      if (mine == reference) continue;
      if (const char* reason = explanation(request, mine, reference, ours, theirs)) {
        ++explained[reason];
        continue;
      }
      ++differences;
      for (const auto rule : mine.rules) only_ours[rule] += reference.rules.contains(rule) ? 0 : 1;
      for (const auto rule : reference.rules) only_theirs[rule] += mine.rules.contains(rule) ? 0 : 1;
      if (differences > 40) continue;
      ADD_FAILURE() << "paranoia " << paranoia << "\n"
                    << testing::PrintToString(request.text()) << "\nours      " << text_of(mine.rules) << "score " << mine.score
                    << "\nreference " << text_of(reference.rules) << "score " << reference.score;
    }
  }
  for (const auto& [rule, count] : only_ours) {
    if (count > 0) std::printf("only ours: %ld in %d\n", static_cast<long>(rule), count);
  }
  for (const auto& [rule, count] : only_theirs) {
    if (count > 0) std::printf("only reference: %ld in %d\n", static_cast<long>(rule), count);
  }
  for (const auto& [reason, count] : explained) std::printf("explained: %d: %s\n", count, reason.c_str());
  std::printf("engine: %d requests, %zu matches in the reference, %d unexplained differences\n", compared, matches, differences);
  EXPECT_EQ(differences, 0);
}

}  // namespace
}  // namespace bulwark::reference
