// The visible list of the output guards, and how each is made.
#pragma once

#include <memory>
#include <vector>

#include "chat/output/inspector.h"

namespace bulwark::chat::output {

/// Those that the settings ask for. `question` outlives them.
std::vector<Armed> make_guards(const Question& question);

// One file each.
std::unique_ptr<Guard> make_canary(const Question& question);
std::unique_ptr<Guard> make_prompt_leak(const Question& question);
std::unique_ptr<Guard> make_personal(const Question& question);
std::unique_ptr<Guard> make_credentials(const Question& question);
std::unique_ptr<Guard> make_links(const Question& question);
std::unique_ptr<Guard> make_markup(const Question& question);
std::unique_ptr<Guard> make_commands(const Question& question);
std::unique_ptr<Guard> make_controls(const Question& question);

/// Whether the host is on the allow-list: exact, or below "*.acme.example".
bool host_allowed(const std::vector<std::string>& allowed, std::string_view host);
/// The host of "https://user@host:port/path" or "//host/path", lower case; empty if the URL has none.
std::string host_of(std::string_view url);

}  // namespace bulwark::chat::output
