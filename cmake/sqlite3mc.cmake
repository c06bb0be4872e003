# SQLite3 Multiple Ciphers as a static library, from the amalgamation that tools/fetch_sqlite3mc.sh puts into .cache/.
# Built once with -O2 whatever the preset: it is not ours to debug, and everything waits for it.
execute_process(COMMAND "${CMAKE_SOURCE_DIR}/tools/fetch_sqlite3mc.sh" RESULT_VARIABLE sqlite3mc_fetched
                OUTPUT_VARIABLE sqlite3mc_dir OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT sqlite3mc_fetched EQUAL 0)
  message(FATAL_ERROR "SQLite3 Multiple Ciphers is missing; run tools/fetch_sqlite3mc.sh")
endif()

add_library(sqlite3mc STATIC "${sqlite3mc_dir}/sqlite3.c")
target_include_directories(sqlite3mc SYSTEM PUBLIC "${sqlite3mc_dir}")
target_compile_options(sqlite3mc PRIVATE -w -O2 -g0 -fno-sanitize=all)
target_link_libraries(sqlite3mc PUBLIC Threads::Threads m)
target_compile_definitions(sqlite3mc PRIVATE
  SQLITE_THREADSAFE=2                 # a connection belongs to one thread at a time
  SQLITE_TEMP_STORE=3                 # temporary files would not be encrypted
  SQLITE_DQS=0 SQLITE_TRUSTED_SCHEMA=0 SQLITE_DEFAULT_FOREIGN_KEYS=1
  SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_DEFAULT_WAL_SYNCHRONOUS=1 SQLITE_LIKE_DOESNT_MATCH_BLOBS
  SQLITE_OMIT_DEPRECATED SQLITE_OMIT_LOAD_EXTENSION SQLITE_OMIT_SHARED_CACHE
  SQLITE_USE_URI=0 SQLITE_MAX_ATTACHED=1 SQLITE_USE_ALLOCA
  HAVE_USLEEP=1 HAVE_FDATASYNC=1 HAVE_STRERROR_R=1 HAVE_GMTIME_R=1
  HAVE_CIPHER_AEGIS=1 HAVE_CIPHER_CHACHA20=1 HAVE_CIPHER_AES_128_CBC=0 HAVE_CIPHER_AES_256_CBC=0
  HAVE_CIPHER_SQLCIPHER=0 HAVE_CIPHER_RC4=0 HAVE_CIPHER_ASCON128=0)
if(CCACHE)
  # The file is the same in every clone: let the compiler cache see it under a relative name.
  set_target_properties(sqlite3mc PROPERTIES C_COMPILER_LAUNCHER
    "${CMAKE_COMMAND};-E;env;CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;${CCACHE}")
endif()
