// Reading the file of verifiers.
#include "database/verifiers.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace bulwark::database {

Result<std::shared_ptr<const Verifiers>> Verifiers::load(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return config_error("cannot read the verifiers file " + path);
  if ((status.st_mode & 077) != 0) return config_error("the verifiers file " + path + " must be for its owner alone (chmod 600)");
  if (static_cast<std::size_t>(status.st_size) > kMaxFileBytes) return config_error("the verifiers file " + path + " is too long");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return config_error("cannot read the verifiers file " + path);
  return parse(text.str(), path);
}

Result<std::shared_ptr<const Verifiers>> Verifiers::parse(std::string_view text, std::string_view source) {
  auto verifiers = std::make_shared<Verifiers>();
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (row.empty() || row[0] == '#') continue;
    const auto fail = [&](const std::string& why) { return config_error(std::string(source) + ":" + std::to_string(line) + ": " + why); };
    const auto tab = row.find('\t');
    if (tab == std::string_view::npos || tab == 0) return fail("expected a role, a tab and its verifier");
    auto verifier = ScramVerifier::parse(row.substr(tab + 1));
    if (!verifier.ok()) return fail(verifier.error().message);
    if (verifiers->roles_.size() == kMaxRoles) return fail("too many roles");
    if (!verifiers->roles_.emplace(row.substr(0, tab), std::move(*verifier)).second) return fail("the role stands here twice");
  }
  return std::shared_ptr<const Verifiers>(std::move(verifiers));
}

Result<std::shared_ptr<const Verifiers>> Verifiers::gather(const Settings& settings) {
  auto all = std::make_shared<Verifiers>();
  if (!settings.verifiers_file.empty()) *all = *TRY(load(settings.verifiers_file));
  if (settings.verifiers_from.value.empty()) return std::shared_ptr<const Verifiers>(std::move(all));
  const auto fetched = TRY(fetch(settings));
  for (const auto& [role, verifier] : fetched->roles_) all->roles_.try_emplace(role, verifier);
  return std::shared_ptr<const Verifiers>(std::move(all));
}

const ScramVerifier* Verifiers::find(std::string_view role) const {
  const auto found = roles_.find(std::string(role));
  return found == roles_.end() ? nullptr : &found->second;
}

}  // namespace bulwark::database
