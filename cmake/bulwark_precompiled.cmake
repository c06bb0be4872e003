# What nearly every file includes, parsed once: two thirds of a small file's compile time was the standard library's headers, and
# more for tests. Sources still include what they use; the layers of src/ are never precompiled, so that a change to a header
# rebuilds who includes it and nobody else. GCC only: clang-tidy and the fuzzers (clang) read the headers as they are written.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  function(bulwark_precompiled target)
  endfunction()
  function(bulwark_precompiled_test target)
  endfunction()
  return()
endif()

function(bulwark_precompiled_headers name)
  cmake_parse_arguments(PCH "" "" "LINK;HEADERS" ${ARGN})
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/${name}.cpp" CONTENT "")   # an object library has a source
  add_library(${name} OBJECT "${CMAKE_BINARY_DIR}/${name}.cpp")
  target_link_libraries(${name} PRIVATE ${PCH_LINK})
  target_precompile_headers(${name} PRIVATE ${PCH_HEADERS})
  target_compile_options(${name} PRIVATE -fpch-preprocess)
endfunction()

set(standard_headers <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <cstring> <deque> <filesystem> <functional>
    <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h>)
bulwark_precompiled_headers(precompiled_standard LINK fmt::fmt HEADERS ${standard_headers})

# For a library or program of ours.
function(bulwark_precompiled target)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.c$")
  set_source_files_properties(${sources} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
  target_precompile_headers(${target} REUSE_FROM precompiled_standard)
endfunction()

if(BULWARK_TESTS)
  # Test code is not optimised hard: it is compiled often and runs little; the rooms under test are as they ship. At -O1 GCC 12
  # takes sound strings for overlapping or out of bounds (its PR 105651 and kin); those warnings stay on for what ships.
  set(test_options $<$<CONFIG:Release>:-O1> -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
  bulwark_precompiled_headers(precompiled_test LINK fmt::fmt GTest::gmock
                              HEADERS ${standard_headers} <fstream> <random> <thread> <gmock/gmock.h> <gtest/gtest.h>)
  target_compile_options(precompiled_test PRIVATE ${test_options})
endif()

# For a program of unit tests.
function(bulwark_precompiled_test target)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess> ${test_options})
  target_precompile_headers(${target} REUSE_FROM precompiled_test)
endfunction()
