// CHECK: an invariant of our own code. When it does not hold the process stops at once, with file and line,
// rather than going on in a state nobody reasoned about. Never for input: hostile input is an Error.
#pragma once

namespace bulwark {

[[noreturn]] void check_failed(const char* file, int line, const char* condition) noexcept;

}  // namespace bulwark

#define CHECK(condition)                                       \
  do {                                                         \
    if (!(condition)) [[unlikely]]                             \
      ::bulwark::check_failed(__FILE__, __LINE__, #condition); \
  } while (false)
