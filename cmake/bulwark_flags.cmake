# Warnings, linker, hardening and sanitizers for everything we compile.
find_program(CCACHE ccache)
if(CCACHE)
  # By the list of headers that the compiler writes anyway: a file that has to be compiled is not preprocessed twice for it. Macros
  # and times of precompiled headers may be believed; they are the system's.
  set(launcher env CCACHE_DEPEND=true CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual> -Wno-missing-field-initializers
                    -fno-omit-frame-pointer -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # Lists may name only the fields that differ; macros are GNU on purpose.
  add_compile_options(-Wno-gnu-statement-expression -Wno-unused-command-line-argument -Wno-missing-designated-field-initializers -Wno-unknown-warning-option)
endif()
option(BULWARK_WERROR "Warnings are errors" ON)
if(BULWARK_WERROR)
  add_compile_options(-Werror)
endif()
if(NOT BULWARK_SANITIZE STREQUAL "")
  add_compile_options(-fsanitize=${BULWARK_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BULWARK_SANITIZE})
elseif(CMAKE_BUILD_TYPE MATCHES "Release|RelWithDebInfo")
  add_compile_options(-D_FORTIFY_SOURCE=2)
endif()
# Position-independent for address randomisation, as a program and not as a library: calls within a file can be inlined.
add_compile_options(-fPIE)
add_link_options(-pie -Wl,-z,relro,-z,now)
