#include "agent/landing_page.h"

#include <string>

namespace mcast::agent {

HttpResponse landing_page(std::string_view version) {
  std::string body = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>mcast-agent</title>
<style>body { font-family: sans-serif; margin: 2em auto; max-width: 40em; padding: 0 1em; }</style>
</head>
<body>
<h1>mcast-agent</h1>
<p>Version )";
  body += version;
  body += R"(. Sends and receives multicast probe packets, and tells what became of them.</p>
<ul>
<li><a href="/metrics">Metrics</a> for Prometheus</li>
<li><a href="/-/healthy">Healthy</a>: the process answers</li>
<li><a href="/-/ready">Ready</a>: the streams have been started</li>
</ul>
</body>
</html>
)";
  return {.content_type = "text/html; charset=utf-8",
          .body = std::move(body),
          .headers = {{"Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"}}};
}

}  // namespace mcast::agent
