#include "waf/rule_files.h"

#include <algorithm>
#include <filesystem>

namespace bulwark::waf {
namespace {

namespace fs = std::filesystem;

void add_folder(const fs::path& folder, std::vector<std::string>& out) {
  std::error_code status;
  if (!fs::is_directory(folder / "rules", status)) return out.push_back((folder / "*.conf").string());
  for (const auto name : {"crs-setup.conf", "crs-setup.conf.example"}) {
    if (!fs::exists(folder / name, status)) continue;
    out.push_back((folder / name).string());
    break;
  }
  const auto add_plugins = [&](std::string_view ending) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder / "plugins", status))
      if (entry.path().filename().string().ends_with(ending)) found.push_back(entry.path().string());
    std::sort(found.begin(), found.end());
    out.insert(out.end(), found.begin(), found.end());
  };
  add_plugins("-config.conf");
  add_plugins("-before.conf");
  out.push_back((folder / "rules/*.conf").string());
  add_plugins("-after.conf");
}

}  // namespace

std::vector<std::string> rule_files(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  std::error_code status;
  for (const auto& path : paths) {
    if (fs::is_directory(path, status))
      add_folder(path, out);
    else
      out.push_back(path);
  }
  return out;
}

}  // namespace bulwark::waf
