// XML bodies: read by libxml2 without DTD loading, entities or network, bounded in depth and nodes, then asked with XPath
// (`XML:/*`, `XML://@*`).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "waf/bodies/arguments.h"

namespace bulwark::waf {

struct XmlLimits {
  std::size_t max_bytes = 16 * 1024 * 1024;
  std::size_t max_depth = 256;
  std::size_t max_nodes = 100'000;
  std::size_t max_results = 10'000;  ///< node-set size of one XPath
};

/// A parsed path of `XML:<path>`, compiled when rules load.
class XmlPath {
 public:
  /// Errors, origin config: not XPath 1.0. `namespaces` are (prefix, URI) of the rule's xmlns actions.
  static Result<std::shared_ptr<const XmlPath>> compile(std::string_view expression, const std::vector<Argument>& namespaces);
  ~XmlPath();

 private:
  friend class XmlDocument;
  XmlPath();
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

class XmlDocument {
 public:
  XmlDocument();
  ~XmlDocument();
  XmlDocument(XmlDocument&&) noexcept;
  XmlDocument& operator=(XmlDocument&&) noexcept;

  /// False: not well-formed, declares a DTD's entities, or passes a limit (REQBODY_ERROR); message() says which. What stood
  /// before the first fault of the text can still be selected.
  bool parse(std::string_view text, const XmlLimits& limits);
  std::string_view message() const;
  bool well_formed() const;

  /// Appends the content of each node that `path` selects; views into `arena`. Names are empty.
  void select(const XmlPath& path, TextArena& arena, std::vector<Argument>& out) const;

  /// Appends the text of each element, named "xml." and its path by local names ("xml.order.item"): of those without elements in
  /// them, and of others where it is not blank. False: a limit cut the rest off.
  bool flatten(const ArgumentLimits& limits, TextArena& arena, std::vector<Argument>& out) const;

 private:
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

}  // namespace bulwark::waf
