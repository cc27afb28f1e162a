# Turns files into a .cpp that gives them as `page_files()` (agent/api/api.h), so that the
# program needs no file at run time. A script of its own, run when one of them changes:
#
#   cmake -DOUTPUT=page_files.cpp "-DFILES=a.js;b.css" -P EmbedPage.cmake
cmake_minimum_required(VERSION 3.25)

set(type_.html "text/html; charset=utf-8")
set(type_.css "text/css; charset=utf-8")
set(type_.svg "image/svg+xml")
set(type_.js "text/javascript; charset=utf-8")
# For whoever asks for one by itself; the page makes a document of it.
set(type_.md "text/plain; charset=utf-8")

set(arrays "")
set(list "")
set(number 0)
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  get_filename_component(extension ${file} LAST_EXT)
  if(NOT DEFINED type_${extension})
    message(FATAL_ERROR "${file}: what content type has ${extension}?")
  endif()
  # The page itself is at "/", what it loads is below "/page/", documents are below "/docs/".
  set(path "/page/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  elseif(extension STREQUAL ".md")
    string(REGEX REPLACE ".*/docs/" "/docs/" path ${file})
  endif()
  file(READ ${file} bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  # A line a 32 bytes: compilers and diffs do not like lines of a megabyte.
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REPEAT "0x..," 32 line)
  string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  string(APPEND arrays "constexpr std::array<unsigned char, ${size}> kFile${number}{\n${bytes}};\n")
  string(APPEND list
    "    PageFile{.path = \"${path}\",\n"
    "             .content_type = \"${type_${extension}}\",\n"
    "             .content = kFile${number},\n"
    "             .etag = \"\\\"${hash}\\\"\"},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(WRITE ${OUTPUT}
"// Made by cmake/EmbedPage.cmake.
#include <array>

#include \"agent/api/api.h\"

namespace mcast::agent {
namespace {

${arrays}
constexpr std::array kFiles{
${list}};

}  // namespace

std::span<const PageFile> page_files() {
  return kFiles;
}

}  // namespace mcast::agent
")
