// phpArgsNames: the name PHP would give a request variable, so that `sc ript.x` is seen as the `sc_ript_x` that the application reads.
#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

/// Appends the indexes `[a][b]` from `at` on. An index that is never closed makes its bracket part of a plain name, if it is the
/// first one; what follows the last index is dropped.
void append_indexes(std::string_view in, std::size_t at, std::string& out) {
  for (bool first = true; at < in.size() && in[at] == '['; first = false) {
    const std::size_t close = in.find(']', at);
    if (close == std::string_view::npos) {
      if (first) out.append("_").append(in, at + 1);
      return;
    }
    const std::string_view index = in.substr(at + 1, close - at - 1);
    out.push_back('[');
    if (!(index.size() == 1 && is_space(index[0]))) out.append(index);
    out.push_back(']');
    at = close + 1;
  }
}

}  // namespace

bool php_args_names(std::string_view in, std::string& out) {
  if (find_any<' ', '.', '[', ']'>(in) == std::string_view::npos) return false;
  std::size_t at = 0;
  while (at < in.size() && in[at] == ' ') ++at;
  for (; at < in.size() && in[at] != '['; ++at) out.push_back(in[at] == ' ' || in[at] == '.' ? '_' : in[at]);
  if (!out.empty()) append_indexes(in, at, out);  // a variable without a name is none
  return out != in;
}

}  // namespace bulwark::waf::steps
