// normalisePath and normalisePathWin: removes `//`, `/./` and `/dir/../`, segment by segment, and never climbs above the root.
#include <algorithm>

#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

constexpr auto kNone = std::string_view::npos;

/// Builds the normal form from segments. `out` holds what is kept, with a slash behind each segment that had one.
class PathBuilder {
 public:
  PathBuilder(std::string& out, bool relative) : out_(out), relative_(relative) {}

  /// A segment without slashes; `last` if the path ends with it.
  void add(std::string_view segment, bool last) {
    if (segment == "." && (out_.empty() || out_.back() == '/')) {
      skip_slash_ = out_.empty() || !last;
      if (!out_.empty() && !last) skip_slash_ = true;
      return;
    }
    if (segment.size() >= 2 && segment.ends_with("..")) return climb(segment, last);
    // One letter at the very beginning does not count as having left the root; the reference has it so.
    if (!segment.ends_with('.') && out_.size() + segment.size() > 1) at_root_ = false;
    out_.append(segment);
    skip_slash_ = false;
  }

  void slash() {
    if (skip_slash_ || (relative_ && out_.empty())) {
      skip_slash_ = false;
      return;
    }
    out_.push_back('/');
  }

 private:
  /// `..` (the reference also takes any segment that ends so): drops it and the segment before it. A relative path keeps those
  /// that have nothing left to drop.
  void climb(std::string_view segment, bool last) {
    out_.append(segment.substr(0, segment.size() - 1));
    if (relative_ && (at_root_ || out_.size() <= 2)) {
      at_root_ = true;
      out_.push_back('.');
      skip_slash_ = false;
      return;
    }
    const std::size_t from = out_.size() >= 3 ? out_.size() - 3 : 0;
    const std::size_t parent = out_.size() >= 3 ? out_.rfind('/', from) : kNone;
    const std::size_t kept = parent == kNone ? 0 : parent;
    out_.resize(kept);
    if (kept == 0) {
      at_root_ = true;
      if (!relative_ && last) out_.push_back('/');
    }
    skip_slash_ = false;
  }

  std::string& out_;
  bool relative_;
  bool at_root_ = false;
  bool skip_slash_ = false;
};

LaneMask may_change(ByteLanes lanes) { return (lanes == '.') | (lanes == '\\') | (lanes == '/'); }

bool normalise(std::string_view in, std::string& out) {
  const bool trailing = in.back() == '/';
  PathBuilder path(out, in.front() != '/');
  for (std::size_t at = 0; at < in.size();) {
    const std::size_t end = std::min(in.find('/', at), in.size());
    if (end > at) path.add(in.substr(at, end - at), end == in.size());
    at = end;
    if (at < in.size()) path.slash();
    while (at < in.size() && in[at] == '/') ++at;
  }
  if (!trailing && !out.empty() && out.back() == '/') out.pop_back();
  return out != in;
}

}  // namespace

bool normalise_path(std::string_view in, std::string& out) {
  if (find_any<'/', '.'>(in) == kNone) return false;
  return normalise(in, out);
}

bool normalise_path_win(std::string_view in, std::string& out) {
  if (find_lane(in, may_change) == kNone) return false;
  if (find_any<'\\'>(in) == kNone) return normalise(in, out);
  std::string slashes(in);
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  normalise(slashes, out);
  return out != in;
}

}  // namespace bulwark::waf::steps
