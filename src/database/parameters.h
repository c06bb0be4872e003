// What PostgreSQL reports of a session (ParameterStatus): the values a client believes in, and those a connection really has.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulwark::database {

class Parameters {
 public:
  static constexpr std::size_t kMax = 64;
  static constexpr std::size_t kMaxValue = 1024;  ///< longer values are reported to the client and not remembered

  void set(std::string_view name, std::string_view value) {
    if (value.size() > kMaxValue || name.size() > kMaxValue) return;
    if (std::string* known = find(name)) {
      known->assign(value);
    } else if (all_.size() < kMax) {
      all_.emplace_back(name, value);
    }
  }
  /// Empty when it was not reported.
  std::string_view get(std::string_view name) const {
    for (const auto& [key, value] : all_)
      if (key == name) return value;
    return {};
  }
  bool operator==(const Parameters&) const = default;
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::string* find(std::string_view name) {
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& each) { return each.first == name; });
    return found == all_.end() ? nullptr : &found->second;
  }
  std::vector<std::pair<std::string, std::string>> all_;  ///< a dozen, in the server's order
};

}  // namespace bulwark::database
