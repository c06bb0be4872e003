// The vectors of the public SecLang language tests, for the tests of transformations and operators: read from
// $BULWARK_DATA/waf/seclang-language-tests (default ../shared/data), absent from the repository.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bulwark::waf {

struct LanguageVector {
  std::string name;
  std::string argument;
  std::string input;
  std::string output;               ///< of a transformation
  long expected = 0;                ///< `ret`
  std::vector<std::string> groups;  ///< `re_groups`: what @rx captures
};

/// All vectors of a folder ("operators", "transformations"), or nullopt if the set is not there. Bytes written as \xHH and \uHHHH
/// in the files' text are bytes here, as the reference's own test program reads them.
std::optional<std::vector<LanguageVector>> language_vectors(const std::string& folder);

/// Where the set is looked for.
std::string language_vectors_folder();

}  // namespace bulwark::waf
