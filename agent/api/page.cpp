#include <string>

#include "agent/api/api.h"

namespace mcast::agent {
namespace {

// Names and labels come from outside. Whatever a bug lets through, the browser runs
// nothing that is not one of our files and talks to nobody but this agent.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace

http::Response page_response(const PageFile& file, std::string_view if_none_match) {
  http::Response response{
      .content_type = std::string(file.content_type),
      .headers = {{"Content-Security-Policy", std::string(kContentSecurityPolicy)},
                  {"Referrer-Policy", "no-referrer"},
                  // Asked for again each time, so that a page never meets
                  // the API of another version of the agent.
                  {"Cache-Control", "no-cache"},
                  {"ETag", std::string(file.etag)}}};
  // A list or a weak tag contains the tag, too; "*" is for writers.
  if (if_none_match.find(file.etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.body.assign(file.content.begin(), file.content.end());
  return response;
}

void add_page(http::Routes& routes) {
  for (const PageFile& file : page_files()) {
    routes.get(file.path, [&file](const http::Request& request) {
      return page_response(file, request.if_none_match);
    });
  }
}

}  // namespace mcast::agent
