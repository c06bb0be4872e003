// One check of what the model answers. A guard is one file in this folder, its test beside it, and one line in guards.cpp that says
// what it stops. It looks at a window over a text that is still growing, says what it found, and from where on it cannot tell yet:
// only that much waits.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "chat/output/fence.h"

namespace bulwark::chat::output {

struct Window {
  std::string_view text;  ///< some of what has left already, then everything that has not
  std::size_t from = 0;   ///< the first byte of `text` that has not left
  bool last = false;      ///< no more comes, or no more can be held back: decide
  bool escaped = false;   ///< the text stands inside a JSON string (a tool call's arguments, piece by piece)
  Fence fence;            ///< whether text[from] stands in a code block
  bool code = true;       ///< false: code blocks do not count
};

/// Bytes [begin, end) of the window. What begins before `from` counts from there on.
struct Hit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view what;  ///< static: for the finding, and "[… removed]" in its place; empty: nothing takes its place
};

struct Sight {
  std::size_t hold = std::string_view::npos;  ///< this byte and those after it must wait
  std::vector<Hit> hits;                      ///< whole, and before `hold`; in any order

  void hold_from(std::size_t at) { hold = at < hold ? at : hold; }
};

/// Made for one exchange; not thread-safe.
class Guard {
 public:
  virtual ~Guard() = default;
  /// Linear in the window. With `last` it must not hold.
  virtual void look(const Window& window, Sight& sight) const = 0;
};

}  // namespace bulwark::chat::output
