// Who may write. Pure functions of the request's head.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/head.h"

namespace mcast::agent {

// A browser sends this request for a page of another host: by Sec-Fetch-Site, or by
// an Origin that is not the Host.
[[nodiscard]] bool is_cross_site(const HttpHead& head);

// What a client is told who may not write over TCP. `socket`: the Unix socket's path,
// "" if there is none.
[[nodiscard]] std::string writing_refusal(std::string_view socket);

}  // namespace mcast::agent
