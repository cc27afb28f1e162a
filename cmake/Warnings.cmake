# Flags that every target of ours compiles with. GCC 12, GCC 14 and clang 19 find nothing to
# warn of. That warnings are errors is the presets' choice (CMAKE_COMPILE_WARNING_AS_ERROR): a
# packager with a newer compiler is not stopped by its first new warning.
add_library(mcast_flags INTERFACE)
target_include_directories(mcast_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(mcast_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual)
if(MCAST_SANITIZE)
  target_compile_options(mcast_flags INTERFACE
    -fsanitize=${MCAST_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(mcast_flags INTERFACE -fsanitize=${MCAST_SANITIZE})
endif()
