// From learned shapes back to what they touch.
#include <algorithm>
#include <map>
#include <set>

#include "database/parsed_statement.h"
#include "database/review.h"

namespace bulwark::database {

std::string restored(std::string_view shape) {
  static constexpr std::string_view kMore = ", ...";
  std::string out;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape.substr(i).starts_with("'?'")) {
      out.append("'?'");
      i += 2;
    } else if (shape.substr(i).starts_with(kMore)) {
      i += kMore.size() - 1;
    } else if (shape[i] == '"') {
      const auto end = std::min(shape.find('"', i + 1), shape.size() - 1);
      out.append(shape.substr(i, end - i + 1));
      i = end;
    } else {
      out.push_back(shape[i] == '?' ? '0' : shape[i]);
    }
  }
  return out;
}

LearnedUses learned_uses(const std::vector<ListedShape>& list) {
  LearnedUses found;
  StatementParser parser;
  std::map<std::pair<std::string, std::string>, std::uint8_t> uses;
  std::set<std::string> unknown;
  for (const auto& each : list) {
    if (each.shape.find("'?'") != std::string::npos) found.concatenated.push_back(each);
    const std::string text = restored(each.shape);
    const auto parsed = parser.parse(text, {});
    if (!parsed.ok()) {
      unknown.insert(each.role);
      continue;
    }
    for (const auto& relation : (*parsed)->facts().relations) uses[{each.role, relation.name}] |= relation.access;
  }
  for (const auto& [key, access] : uses) found.uses.push_back({key.first, key.second, access});
  found.unknown_roles.assign(unknown.begin(), unknown.end());
  return found;
}

}  // namespace bulwark::database
