// The two engines with the Core Rule Set, detecting only, and what they make of a request.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "requests.h"

namespace bulwark::reference {

inline constexpr const char* kCoreRules = "/usr/share/modsecurity-crs/rules";

struct Verdict {
  std::set<std::int64_t> rules;  ///< that matched and log
  std::string score;             ///< tx.anomaly_score

  /// Of ours alone: one entry a match.
  struct Match {
    std::int64_t rule = 0;
    bool by_phrases = false;  ///< @pm or @pmFromFile
    std::string decoded;      ///< the value as the operator saw it
    std::string matched;
  };
  std::vector<Match> matches;

  bool operator==(const Verdict& other) const { return rules == other.rules && score == other.score; }
};

class Ours {
 public:
  explicit Ours(int paranoia);
  ~Ours();
  Verdict run(const Request& request);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

class Theirs {
 public:
  explicit Theirs(int paranoia);
  ~Theirs();
  Verdict run(const Request& request);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace bulwark::reference
