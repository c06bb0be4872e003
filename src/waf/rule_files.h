// Where rules come from: files, glob patterns, and folders in the Core Rule Set's own layout.
#pragma once

#include <string>
#include <vector>

namespace bulwark::waf {

/// `paths` with each folder replaced by what it holds, in the order that the Core Rule Set documents: crs-setup.conf (or, where
/// there is none, crs-setup.conf.example), plugins/*-config.conf, plugins/*-before.conf, rules/*.conf, plugins/*-after.conf.
/// A folder without rules/ stands for its *.conf files. Plugins may be absent.
std::vector<std::string> rule_files(const std::vector<std::string>& paths);

}  // namespace bulwark::waf
