// Turns what rule files say into a program: resolves names, orders rules by phase, applies removals and updates, and shares
// what rules have in common.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "waf/compiler/program.h"
#include "waf/seclang/ast.h"

namespace bulwark::waf {

constexpr std::size_t kMaxChain = 16;       ///< rules in one chain
constexpr std::size_t kMaxTransforms = 32;  ///< of one rule

struct CompileOptions {
  Generation generation = Generation::second;
  std::string geo_database;     ///< used when the files name none
  std::string cache_directory;  ///< of compiled literal databases; empty: none
  bool nested_json = true;      ///< JSON in strings of JSON bodies becomes arguments too, which no reference does
};

/// Errors: origin config, with file, line and column.
Result<std::shared_ptr<const Program>> compile(const seclang::Document& document, const CompileOptions& options);

/// An exclusion of the configuration: `rules` is "942100", "942100-942190" or "tag:<pattern>", `field` a variable or empty.
/// Errors, origin config: it names no rule, or no variable.
Result<Control> make_exclusion(const Program& program, const std::string& rules, const std::string& field);

}  // namespace bulwark::waf
