// The live page: the files that a browser loads, which are part of the program
// (agent/page/, cmake/EmbedPage.cmake). What they show they read from /api/v1.
//
// Constant: any thread may call.
#pragma once

#include <span>
#include <string_view>

#include "http/routes.h"

namespace mcast::agent {

struct PageFile {
  std::string_view path;  // "/", "/page/main.js"
  std::string_view content_type;
  std::span<const unsigned char> content;
  std::string_view etag;  // with its quotes
};

[[nodiscard]] std::span<const PageFile> page_files();

// `if_none_match`: the request's header, empty if it has none. 304 without the content
// when the browser has this version already.
[[nodiscard]] http::Response page_response(const PageFile& file, std::string_view if_none_match);

}  // namespace mcast::agent
