# What makes a build from nothing shorter, for presets that are built from nothing
# again and again. Included last: it goes through the targets that there are.

option(MCAST_PRECOMPILED_HEADERS "Parse the headers of others once, not once a file" OFF)
set(MCAST_TEST_OPTIONS "" CACHE STRING
  "Compiler options of test programs alone, behind all others: -O0")
set(MCAST_HOT_OPTIONS "" CACHE STRING
  "Compiler options of the folders that every packet goes through, behind all others: -O2")
# Not of those that compute for long; these have it set.
define_property(TARGET PROPERTY MCAST_COMPUTES
  BRIEF_DOCS "A test program that takes longer to run than to compile")

# Only headers of others, which do not change between builds. No file may rely on
# being given them: the presets without (release, dev, clang) find what is missing. Not
# of optimised builds: GCC 12 warns of standard headers then (array-bounds), as it does
# not know any more that they are no files of ours.
set(MCAST_STANDARD_HEADERS
  <algorithm> <array> <charconv> <chrono> <cmath> <cstdint> <cstring> <expected> <fstream>
  <functional> <map> <memory> <optional> <set> <sstream> <string> <string_view> <thread>
  <utility> <variant> <vector>)

function(mcast_collect_targets variable directory)
  get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
  get_property(folders DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
  foreach(folder ${folders})
    mcast_collect_targets(below ${folder})
    list(APPEND targets ${below})
  endforeach()
  set(${variable} ${targets} PARENT_SCOPE)
endfunction()

set(programs "")
set(tests "")
mcast_collect_targets(targets ${CMAKE_SOURCE_DIR})
foreach(target ${targets})
  get_target_property(type ${target} TYPE)
  get_target_property(computes ${target} MCAST_COMPUTES)
  if(type STREQUAL EXECUTABLE AND target MATCHES "_test$" AND NOT computes)
    list(APPEND tests ${target})
  elseif(type MATCHES "^(EXECUTABLE|STATIC_LIBRARY)$")
    list(APPEND programs ${target})
  endif()
endforeach()

# Last on the command line, where the last one counts.
if(MCAST_HOT_OPTIONS)
  foreach(target mcast_base mcast_probe)
    target_compile_options(${target} PRIVATE ${MCAST_HOT_OPTIONS})
    # GCC 12 crashes over headers that were parsed with another -O.
    list(REMOVE_ITEM programs ${target})
  endforeach()
endif()
foreach(target ${tests})
  target_compile_options(${target} PRIVATE ${MCAST_TEST_OPTIONS})
endforeach()

# Each kind has its own: a compiler takes what was parsed with its own options alone.
function(mcast_precompile_headers kind targets)
  if(NOT targets)
    return()
  endif()
  file(CONFIGURE OUTPUT precompiled.cpp CONTENT "")
  add_library(mcast_${kind}_headers OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(mcast_${kind}_headers PRIVATE mcast_flags)
  target_precompile_headers(mcast_${kind}_headers PRIVATE ${MCAST_STANDARD_HEADERS} ${ARGN})
  foreach(target ${targets})
    target_precompile_headers(${target} REUSE_FROM mcast_${kind}_headers)
  endforeach()
endfunction()

# A compiler cache does not see through them unless it is told to, and is faster.
if(MCAST_PRECOMPILED_HEADERS AND NOT CMAKE_CXX_COMPILER_LAUNCHER MATCHES "cache")
  mcast_precompile_headers(program "${programs}")
  mcast_precompile_headers(test "${tests}" <gtest/gtest.h>)
  if(tests)
    target_link_libraries(mcast_test_headers PRIVATE GTest::gtest)
    target_compile_options(mcast_test_headers PRIVATE ${MCAST_TEST_OPTIONS})
  endif()
endif()
