#include "http/access.h"

#include <algorithm>

namespace mcast::agent {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

bool is_cross_site(const HttpHead& head) {
  for (const auto& [name, value] : head.headers) {
    if (name == "sec-fetch-site" && value == "cross-site") return true;
    if (name != "origin") continue;
    const std::size_t scheme_end = value.find("://");
    // "null": a page that the browser itself trusts with nothing.
    if (scheme_end == std::string::npos) return true;
    if (!equal_ignoring_case(std::string_view(value).substr(scheme_end + 3), head.header("host"))) {
      return true;
    }
  }
  return false;
}

std::string writing_refusal(std::string_view socket) {
  std::string text = "writing over TCP needs TLS and basic_auth_users in --web.config.file";
  if (!socket.empty()) text += "; or use the Unix socket " + std::string(socket);
  return text;
}

}  // namespace mcast::agent
