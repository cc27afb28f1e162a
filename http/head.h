// The head of an HTTP/1 request (RFC 9112): request line and header fields. Stricter
// than the RFC asks for, so that nobody between a client and this agent can read a
// request differently: lines end in CRLF, one length of the body, no folded lines.
// Pure functions; what they take is hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcast::agent {

inline constexpr std::size_t kMostHeadBytes = std::size_t{16} << 10U;
inline constexpr std::size_t kMostHeaders = 100;

// Why a request is refused: a status and a sentence for the client.
struct HttpFault {
  int status = 400;
  std::string message = {};
};

struct HttpHead {
  std::string method = {};
  std::string target = {};  // as it was sent
  // Names in lower case, in their order.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<std::uint64_t> content_length = {};
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  // The value of the first header of this name (lower case); "" if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// The size of the head that `text` begins with, the empty line included; nullopt
// while its end is missing. `text` may begin with what was searched before: then
// `searched` is how much. Refuses at once what will not become a head: a first byte
// that begins no method (as of TLS), a line without CR, more than kMostHeadBytes.
[[nodiscard]] std::expected<std::optional<std::size_t>, HttpFault> find_head(std::string_view text,
                                                                             std::size_t searched);

// Of exactly one head, as found by find_head().
[[nodiscard]] std::expected<HttpHead, HttpFault> parse_head(std::string_view head);

// Whether a comma-separated header names this token (lower case), and not with q=0.
[[nodiscard]] bool names_token(std::string_view list, std::string_view token);

}  // namespace mcast::agent
