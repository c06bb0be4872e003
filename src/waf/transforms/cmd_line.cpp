// cmdLine: undoes what shells ignore, so that `C^OMMAND`, `c"om"mand` and `co\mmand  /C` all read as "command/c".
#include <array>

#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

enum class Role : unsigned char { letter, dropped, space, closes };

constexpr std::array<Role, 256> kRoles = [] {
  std::array<Role, 256> roles{};
  for (const unsigned char c : {'"', '\'', '\\', '^'}) roles[c] = Role::dropped;
  for (const unsigned char c : {' ', ',', ';', '\t', '\r', '\n'}) roles[c] = Role::space;
  for (const unsigned char c : {'/', '('}) roles[c] = Role::closes;
  return roles;
}();

LaneMask may_change(ByteLanes lanes) {
  return lanes_within<'A', 'Z'>(lanes) | lanes_within<'\t', '\r'>(lanes) | (lanes == '"') | (lanes == '\'') | (lanes == '\\') |
         (lanes == '^') | (lanes == ' ') | (lanes == ',') | (lanes == ';');
}

}  // namespace

bool cmd_line(std::string_view in, std::string& out) {
  const std::size_t first = find_lane(in, may_change);
  if (first == std::string_view::npos) return false;
  out.assign(in, 0, first);
  bool after_space = false;  // one space stands for a run of them, and none before `/` and `(`
  for (const char c : in.substr(first)) {
    const Role role = kRoles[static_cast<unsigned char>(c)];
    if (role == Role::dropped) continue;
    if (role == Role::space) {
      if (!after_space) out.push_back(' ');
      after_space = true;
      continue;
    }
    if (role == Role::closes && after_space) out.pop_back();
    after_space = false;
    out.push_back(lower(c));
  }
  return out != in;
}

}  // namespace bulwark::waf::steps
