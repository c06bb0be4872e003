// Reads SecLang files, follows Include, and says where something is wrong. What it cannot read it refuses: a directive that
// is skipped silently is a protection that somebody believes to have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "waf/seclang/ast.h"
#include "waf/seclang/tokens.h"

namespace bulwark::waf::seclang {

constexpr std::size_t kMaxFileBytes = 16 * 1024 * 1024;
constexpr std::size_t kMaxFiles = 1024;
constexpr std::size_t kMaxIncludeDepth = 16;
constexpr std::size_t kMaxDirectives = 100'000;

/// Reads files in order; each path may be a glob pattern. Errors name file, line and column.
Result<Document> read_files(const std::vector<std::string>& paths, Escapes escapes = Escapes::quote_and_backslash);

/// Reads `text` as if it were the file `name`; Include is resolved against the working directory.
Result<Document> read_text(std::string_view text, std::string_view name, Escapes escapes = Escapes::quote_and_backslash);

/// Puts `next` after `first`.
void append(Document& first, Document next);

/// The canonical spelling of a "Name value" directive that is supported, or empty.
std::string_view known_setting(std::string_view name);

}  // namespace bulwark::waf::seclang
