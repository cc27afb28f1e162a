# Flags that every target of ours compiles with. Warnings are errors for both
# supported compilers (GCC 12, clang 19).
add_library(mcast_flags INTERFACE)
target_include_directories(mcast_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(mcast_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(MCAST_SANITIZE)
  target_compile_options(mcast_flags INTERFACE
    -fsanitize=${MCAST_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(mcast_flags INTERFACE -fsanitize=${MCAST_SANITIZE})
endif()
