// libmodsecurity's transformations and operators, called one at a time: what ours are compared with. Tests alone link it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace bulwark::reference {

/// One ModSecurity engine without rules.
class Engine {
 public:
  Engine();
  ~Engine();

  std::string transform(std::string_view name, std::string_view in);
  struct Outcome {
    bool built = false;   ///< false: the reference refuses the argument
    bool matched = false;
  };
  Outcome match(std::string_view name, std::string_view argument, std::string_view value);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace bulwark::reference
