# The console's pages: built from web/ by vite when a file there changed, and embedded as a library of their own.
# Needs web/node_modules (npm ci); without it only this step fails, and says what to run.
find_program(NODE node REQUIRED)
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/web/src/*" "${CMAKE_SOURCE_DIR}/web/public/*")
set(web_out "${CMAKE_BINARY_DIR}/web")
add_custom_command(
  OUTPUT "${web_out}/assets.cpp"
  COMMAND ${CMAKE_COMMAND} -E make_directory "${web_out}"
  COMMAND ${NODE} "${CMAKE_SOURCE_DIR}/tools/embed/embed.mjs" "${CMAKE_SOURCE_DIR}/web" "${web_out}"
  DEPENDS ${web_sources} "${CMAKE_SOURCE_DIR}/web/index.html" "${CMAKE_SOURCE_DIR}/web/vite.config.ts"
          "${CMAKE_SOURCE_DIR}/web/package-lock.json" "${CMAKE_SOURCE_DIR}/tools/embed/embed.mjs"
  COMMENT "Building the console's pages"
  VERBATIM)
add_library(bulwark_web STATIC "${web_out}/assets.cpp")
target_include_directories(bulwark_web PRIVATE "${CMAKE_SOURCE_DIR}/src")
