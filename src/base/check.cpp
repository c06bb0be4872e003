// The end of a process whose invariant broke.
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace bulwark {

void check_failed(const char* file, int line, const char* condition) noexcept {
  std::fprintf(stderr, "%s:%d: CHECK(%s) does not hold\n", file, line, condition);
  std::abort();
}

}  // namespace bulwark
