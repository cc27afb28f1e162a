# Every dependency is a Debian package (scripts/setup installs them). Headers of
# libraries are SYSTEM: their warnings are not ours.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp REQUIRED)
pkg_check_modules(MNL REQUIRED IMPORTED_TARGET libmnl)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
# The commands ask the agent with it. The flags are part of the ABI: without them the
# header and the shared library disagree about the size of its classes.
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
# bcrypt, for the passwords of --web.config.file.
pkg_check_modules(CRYPT REQUIRED IMPORTED_TARGET libcrypt)

# The one for wide characters; its headers are found through <curses.h>.
set(CURSES_NEED_WIDE TRUE)
find_package(Curses REQUIRED)
add_library(mcast_curses INTERFACE)
target_include_directories(mcast_curses SYSTEM INTERFACE ${CURSES_INCLUDE_DIRS})
target_link_libraries(mcast_curses INTERFACE ${CURSES_LIBRARIES})

# The charts of the live page.
find_path(DYGRAPHS_DIRECTORY NAMES dygraph.min.js
  PATHS /usr/share/javascript/dygraphs NO_DEFAULT_PATH)
if(NOT DYGRAPHS_DIRECTORY)
  message(FATAL_ERROR "dygraph.min.js is not installed: the package is libjs-dygraphs (scripts/setup)")
endif()

if(MCAST_TESTS)
  find_package(GTest REQUIRED)
endif()
