// libmodsecurity's transformations and operators, called one at a time: what ours are compared with. Tests alone link it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulwark::reference {

/// One ModSecurity engine without rules.
class Engine {
 public:
  Engine();
  ~Engine();

  std::string transform(std::string_view name, std::string_view in);
  struct Outcome {
    bool built = false;  ///< false: the reference refuses the argument
    bool matched = false;
  };
  Outcome match(std::string_view name, std::string_view argument, std::string_view value);

  /// What the reference makes of a request body.
  struct Body {
    std::vector<std::pair<std::string, std::string>> arguments;  ///< ARGS
    std::vector<std::pair<std::string, std::string>> files;      ///< field, FILES
    std::map<std::string, int, std::less<>> flags;
    std::string message;  ///< REQBODY_ERROR_MSG
    int flag(std::string_view name) const;
  };
  Body urlencoded_body(const std::string& body);
  Body json_body(const std::string& body);
  Body multipart_body(const std::string& content_type, const std::string& body);

 private:
  struct Parts;
  Body body(const std::string& content_type, const std::string& text);
  std::unique_ptr<Parts> parts_;
};

}  // namespace bulwark::reference
